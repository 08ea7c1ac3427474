import { useStore } from 'zustand';
import { count } from '../../lens/maths/figures';
import { FILE, writeLog } from '../../state/log/lines';
import type { LogEntry } from '../../state/log/record';
import { download } from '../../ui/download';
import { Failure } from '../../ui/Failure';
import { FileButton } from '../../ui/FileButton';
import { readLog } from '../read-files';
import { type Taken, TakenSays, useTaken } from '../taken';
import { useBench } from '../use-workbench';
import { mergedSays, removedSays } from './log-words';

/** Reading a file of verbalizations that a button chose. */
export function useLogExchange(): Taken {
  const bench = useBench();
  return useTaken(async (file) => mergedSays(await readLog(bench, file)));
}

/** Exports, imports and deletes the log: all of it, or the rows that are found. The last deletion can be put back. */
export function LogExchange({ says, error, take, found, all }: Taken & { found: readonly LogEntry[]; all: number }) {
  const { log } = useBench();
  const removed = useStore(log.store, (s) => s.removed);
  const part = found.length < all ? ` ${count(found.length)} found` : ' all';
  return (
    <>
      <span className="actions log-actions">
        <button
          type="button"
          data-testid="log-export"
          disabled={!found.length}
          title="JSON Lines: Neuronpedia’s fields of a result, and all else under “lenslet”."
          onClick={() => download(FILE, 'application/x-ndjson', writeLog(found))}
        >
          Export{part}
        </button>
        <FileButton
          label="Import"
          accept=".jsonl,.json,.ndjson,.gz,application/json,application/x-ndjson"
          testId="log-import"
          title="A log exported here or elsewhere, or results of Neuronpedia; it may also be dropped here."
          onFile={take}
        />
        <button
          type="button"
          data-testid="log-clear"
          disabled={!found.length}
          onClick={() => log.remove(new Set(found.map(({ id }) => id)))}
        >
          Delete{part}
        </button>
      </span>
      <TakenSays
        says={says}
        removed={removed && removedSays(removed.length)}
        onPutBack={() => log.putBack()}
        className="log-says"
        testId="log-says"
      />
      {error && <Failure error={error} kept="The log is as it was." />}
    </>
  );
}
