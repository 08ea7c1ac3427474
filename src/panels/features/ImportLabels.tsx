import { useStore } from 'zustand';
import { count, listed } from '../../lens/maths/figures';
import { setKey } from '../../state/features/imported-labels';
import { siteOf } from '../../state/reading/select';
import { Failure } from '../../ui/Failure';
import { FilesButton } from '../../ui/FilesButton';
import { useBench } from '../use-workbench';

/** Labels from files for a dictionary that comes without: what there is, where it is from, and the way to read more or
 *  to take them away. */
export default function ImportLabels({ layer }: { layer: number }) {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  const sets = useStore(bench.imported.store, (s) => s.sets);
  const { says, error } = useStore(bench.imported.store, (s) => s);
  const live = useStore(bench.engine.store, (s) => s.lens !== null);
  const site = siteOf(info, layer);
  if (!info || !site || site.features) return null;
  const set = sets.get(setKey(info, layer));
  return (
    <div className="import-labels" data-testid="import-labels">
      <p className="caption">
        {set ? (
          <>
            {count(set.labels.length)} of {count(site.width)} features have a label from {listed(set.files.slice(0, 3))}
            {set.files.length > 3 && ` and ${set.files.length - 3} more`}
            {set.of.length > 0 && `, which says it is of ${listed(set.of.slice(0, 2))}`}. Kept in this browser.
          </>
        ) : (
          'No labels exist with this dictionary. Promoted tokens and similar features are computed here; a file of labels can be imported.'
        )}
      </p>
      <p className="actions">
        {live && (
          <FilesButton
            label="Import labels"
            accept=".jsonl,.json,.gz"
            testId="import-labels-file"
            onFiles={(files) => void bench.imported.read(info, site, files)}
          />
        )}
        {set && (
          <button type="button" onClick={() => bench.imported.remove(info, layer)}>
            Remove labels
          </button>
        )}
        <span className="caption figures" role="status">
          {says}
        </span>
      </p>
      {error && <Failure error={error} kept={set ? 'The labels before are kept.' : undefined} />}
    </div>
  );
}
