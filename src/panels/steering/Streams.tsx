import type { ReactNode } from 'react';
import type { GeneratedRow } from '../../lens/types';
import { type Alignment, align } from '../../state/alignment';
import type { Streams as AllStreams } from '../../state/run';
import { fixed, probability } from '../../ui/format';
import { spoken } from '../../ui/token-pieces';

type Kind = 'baseline' | 'steered' | 'control';

const titles: Record<Kind, string> = { baseline: 'Baseline', steered: 'Steered', control: 'Control, random direction' };

interface Props {
  streams: AllStreams | null;
  step: number | null;
  onStep: (step: number | null) => void;
  /** The figures, set beside the control. */
  children: ReactNode;
}

/** The texts side by side in space reserved for them; where they part is marked, and after it what has no partner is underlined. */
export function Streams({ streams, step, onStep, children }: Props) {
  const baseline = streams?.baseline ?? [];
  const steered = streams?.steered ?? null;
  const control = streams?.control ?? null;
  const pair = steered && align(baseline, steered);
  const withControl = control && align(baseline, control);
  const common = { step, onStep };
  return (
    <div className="streams">
      <Text kind="baseline" rows={baseline} marks={pair?.base} at={pair?.at} {...common} />
      <Text kind="steered" rows={steered} marks={pair?.other} at={pair?.at} {...common} />
      <Text kind="control" rows={control} marks={withControl?.other} at={withControl?.at} {...common} />
      <div className="run-says">{children}</div>
    </div>
  );
}

/** The token that ended a text has no text of its own. */
const ends = (row: GeneratedRow): boolean => row.done === 'stop' && row.text === '';
const named = (row: GeneratedRow): string => (ends(row) ? 'end of text' : spoken(row.text));

interface TextProps {
  kind: Kind;
  rows: readonly GeneratedRow[] | null;
  marks: boolean[] | undefined;
  at: Alignment['at'] | undefined;
  step: number | null;
  onStep: (step: number | null) => void;
}

function Text({ kind, rows, marks, at, step, onStep }: TextProps) {
  return (
    <div className={`stream stream-${kind}`}>
      <h3>{titles[kind]}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling text must be reachable by keyboard */}
      <p className="stream-text mono" data-testid={`run-${kind}`} data-tokens={rows?.length ?? 0} tabIndex={0} onPointerLeave={() => onStep(null)}>
        {rows?.map((row, i) => {
          // A generated token has no identity but its place.
          const key = `${i}`;
          return (
            <span
              key={key}
              className={`${marks?.[i] ? 'parted' : ''}${at === i ? ' parts' : ''}${step === i ? ' at-step' : ''}`}
              title={`logprob ${fixed(row.logprob, 2)}, p ${probability(Math.exp(row.logprob))}`}
              onPointerEnter={() => onStep(i)}
            >
              {ends(row) ? <i className="stream-end">[end]</i> : row.text}
            </span>
          );
        })}
      </p>
    </div>
  );
}

/** Where baseline and steered first differ, with the probability of either token in its own row. */
export function Divergence({ streams, maxTokens }: { streams: AllStreams; maxTokens: number }) {
  if (!streams.steered) return null;
  const { at } = align(streams.baseline, streams.steered);
  if (at === null) {
    const n = Math.min(streams.baseline.length, streams.steered.length);
    return <p className="caption figures">{n ? `Same text over ${n} of ${maxTokens} tokens.` : ''}</p>;
  }
  const [base, steered] = [streams.baseline[at]!, streams.steered[at]!];
  return (
    <p className="caption figures" data-testid="divergence">
      First divergence at token {at + 1}: baseline <b className="mono">“{named(base)}”</b> p {probability(Math.exp(base.logprob))}, steered{' '}
      <b className="mono steered">“{named(steered)}”</b> p {probability(Math.exp(steered.logprob))}.
    </p>
  );
}
