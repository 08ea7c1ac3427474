import { writtenAddress } from '../../lens/api/hub-address';
import type { OpenRequest, SourceRef } from '../../lens/api/request';
import { listed } from '../../lens/maths/figures';
import { FilesButton } from '../../ui/FilesButton';
import { readPicked } from './folder';
import type { PlanChange } from './plan-change';

const nameOf = (ref: SourceRef): string =>
  ref.kind === 'hub' ? writtenAddress(ref) : ref.kind === 'url' ? ref.url : `folder ${ref.folder.name}`;

/** Which trained pair puts the model's vectors into words: one or two folders, picked one after the other. */
export function PlanVerbalizer({
  request: { model, verbalizer = [] },
  onChange,
}: {
  request: OpenRequest;
  onChange: (patch: PlanChange) => void;
}) {
  if (!verbalizer.length && model.kind !== 'picked') return null;
  const add = async (files: File[]) => {
    const taken = await readPicked(files, 'verbalizer');
    if (!taken) return;
    const half = { kind: 'picked', folder: taken.folder } as const;
    onChange(({ verbalizer: halves = [] }) => ({ verbalizer: [...halves.slice(-1), half] }));
  };
  return (
    <div className="plan-layer" data-testid="plan-verbalizer">
      <span className="caption">
        {verbalizer.length
          ? `Verbalizer: ${listed(verbalizer.map(nameOf))}. It is read when words are first asked for.`
          : 'A verbalizer is looked for in the model’s own folder.'}
      </span>
      {model.kind === 'picked' && verbalizer.length < 2 && (
        <FilesButton
          folder
          label={verbalizer.length ? 'Pick its other folder' : 'Pick a verbalizer’s folder'}
          testId="pick-verbalizer"
          onFiles={(files) => void add(files)}
        />
      )}
      {verbalizer.length > 0 && (
        <button type="button" onClick={() => onChange({ verbalizer: undefined })}>
          Without it
        </button>
      )}
    </div>
  );
}
