import { useStore } from 'zustand';
import { FILE } from '../../state/notebook/limits';
import type { Merged } from '../../state/notebook/notebook';
import { writeNotebook } from '../../state/notebook/record';
import { download } from '../../ui/download';
import { Failure } from '../../ui/Failure';
import { FileButton } from '../../ui/FileButton';
import { readNotebook } from '../read-files';
import { type Taken, TakenSays, useTaken } from '../taken';
import { useBench } from '../use-workbench';

const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** What an import did: how much was read, and what of it was left. */
export function mergedSays({ entries, runs, older }: Merged): string {
  const read = `${plural(entries, 'feature')} and ${plural(runs, 'run')} read`;
  return older ? `${read}; ${older} not newer than yours, left out.` : `${read}.`;
}

/** Reading a notebook's file that a button chose. */
export function useExchange(): Taken {
  const bench = useBench();
  return useTaken(async (file) => mergedSays(await readNotebook(bench, file)));
}

/** Exports, imports and deletes the notebook. The last deletion can be put back. */
export function Exchange({ says, error, take, empty }: Taken & { empty: boolean }) {
  const { notebook } = useBench();
  const removed = useStore(notebook.store, (s) => s.removed);
  const save = () => {
    const { entries, runs } = notebook.store.getState();
    download(
      FILE,
      'application/json',
      writeNotebook({ entries: [...entries.values()], runs: [...runs] }, new Date().toISOString()),
    );
  };
  return (
    <>
      <span className="actions notebook-actions">
        <button type="button" data-testid="notebook-export" disabled={empty} onClick={save}>
          Export
        </button>
        <FileButton
          label="Import"
          accept="application/json,.json,.gz"
          testId="notebook-import"
          title="A notebook exported here or elsewhere; it may also be dropped here."
          onFile={take}
        />
        <button type="button" data-testid="notebook-clear" disabled={empty} onClick={() => notebook.clear()}>
          Clear
        </button>
      </span>
      <TakenSays
        says={says}
        removed={removed && removedSays(removed.entries.length, removed.runs.length)}
        onPutBack={() => notebook.putBack()}
        className="notebook-says"
        testId="notebook-says"
      />
      {error && <Failure error={error} kept="The notebook is as it was." />}
    </>
  );
}

const removedSays = (entries: number, runs: number): string =>
  `Deleted: ${[entries && plural(entries, 'feature'), runs && plural(runs, 'run')].filter(Boolean).join(' and ')}.`;
