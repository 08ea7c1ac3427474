import { useState } from 'react';
import { type ErrorData, errorToData } from '../../lens/errors';
import { FILE, MOST_BYTES, parseLog, writeLog } from '../../state/log-file';
import type { LogEntry } from '../../state/log-record';
import { download } from '../../ui/download';
import { Failure } from '../../ui/Failure';
import { FileButton } from '../../ui/FileButton';
import { count } from '../../ui/format';
import { readFile } from '../../ui/read-file';
import { useBench, usePart } from '../bench';
import { mergedSays, removedSays } from './log-words';

interface Taken {
  says: string | null;
  error: ErrorData | null;
}

/** Reading a file of verbalizations, from a button or dropped on the sheet. */
export function useLogExchange(): Taken & { take: (file: File) => void } {
  const bench = useBench();
  const [taken, setTaken] = useState<Taken>({ says: null, error: null });
  const read = async (file: File) => {
    try {
      const entries = parseLog(await readFile(file, MOST_BYTES), file.name, Date.now());
      setTaken({ says: mergedSays(await bench.log.merge(entries)), error: null });
    } catch (error) {
      setTaken({ says: null, error: errorToData(error) });
    }
  };
  return { ...taken, take: (file) => void read(file) };
}

/** The log's way out and in, and the end of it: all of it, or the rows that are found. What was deleted last can be put back. */
export function LogExchange({ says, error, take, found, all }: Taken & { take: (file: File) => void; found: readonly LogEntry[]; all: number }) {
  const { log } = useBench();
  const removed = usePart(log.store, (s) => s.removed);
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
          accept=".jsonl,.json,.ndjson,application/json,application/x-ndjson"
          testId="log-import"
          title="A log exported here or elsewhere, or results of Neuronpedia; it may also be dropped on this sheet."
          onFile={take}
        />
        <button type="button" data-testid="log-clear" disabled={!found.length} onClick={() => log.remove(new Set(found.map(({ id }) => id)))}>
          Delete{part}
        </button>
      </span>
      <div className="caption log-says" aria-live="polite" data-testid="log-says">
        {says}
        {removed && (
          <>
            {says && ' '}
            {removedSays(removed.length)}{' '}
            <button type="button" className="bare" onClick={() => log.putBack()}>
              Put back
            </button>
          </>
        )}
      </div>
      {error && <Failure error={error} kept="The log is as it was." />}
    </>
  );
}
