import { useStore } from 'zustand';
import type { VerbalizerSource } from '../../lens/api/verbalizer';
import { fixed } from '../../lens/maths/figures';
import type { VerbalRecord, VerbalSample } from '../../state/words/record';
import { CopyButton } from '../../ui/CopyButton';
import { useBench } from '../use-workbench';

const NAMES: Record<VerbalizerSource, string> = { nla: 'trained pair', selfie: 'SelfIE', patchscopes: 'Patchscopes' };
const ENDS = { stop: 'ended by itself', length: 'cut at its longest' } as const;

/** How these words were made. */
export function Provenance({ record, sample }: { record: VerbalRecord; sample: VerbalSample }) {
  const name = useStore(useBench().verbal.store, (s) => s.infos?.find(({ source }) => source === record.source)?.name);
  const { seed, temperature, maxTokens } = record.options;
  const parts = [
    name ?? (record.source ? NAMES[record.source] : 'source unknown'),
    record.layer === null ? 'layer unknown' : `after layer ${record.layer}`,
    temperature === 0 ? 'greedy' : `T ${fixed(temperature, 2)}, seed ${seed ?? 'unknown'}`,
    `${record.samples.length} ${record.samples.length === 1 ? 'sample' : 'samples'}`,
    ...(maxTokens === null ? [] : [`at most ${maxTokens} tokens`]),
    ...(sample.done ? [ENDS[sample.done]] : []),
  ];
  return (
    <p className="caption figures provenance" data-testid="provenance">
      <span>{parts.join(' · ')}</span>
      <CopyButton
        label="Copy"
        text={() => sample.text}
        closed="Clipboard is closed"
        testId="copy-words"
        className="bare"
      />
    </p>
  );
}
