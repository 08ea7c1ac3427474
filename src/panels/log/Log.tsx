import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { RecordsState } from '../../state/base/records';
import type { LogEntry } from '../../state/log/record';
import { type Asked, noFilters, searchLog, wordsOf } from '../../state/log/search';
import { reopen } from '../../state/page/log-reopen';
import { composes } from '../../ui/composing';
import { Place } from '../../ui/Place';
import { SearchBox } from '../../ui/SearchBox';
import { useBench } from '../use-workbench';
import { LogDetail } from './LogDetail';
import { LogExchange, useLogExchange } from './LogExchange';
import { LogFilters } from './LogFilters';
import { type ListHandle, LogList } from './LogList';
import { countsSay } from './log-words';
import './log.css';

/** Rows that a key goes by. */
const MOVES: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 };

/** Finds the verbalizations that were made here. The search stays while another place is on show: readers look at
 *  several rows one after the other. */
export default function Log() {
  const bench = useBench();
  const [asked, setAsked] = useState<Asked>({ typed: '', filters: noFilters, chosen: null });
  const onAsk = (patch: Partial<Asked>) => setAsked((before) => ({ ...before, ...patch }));
  const { entries, storage } = useStore(bench.log.store, (s) => s);
  const exchange = useLogExchange();
  useEffect(() => void bench.log.need(), [bench]);
  const { typed, filters } = asked;
  const { words, found, at } = useFound(entries, asked);
  const entry = found.entries[at];
  const listId = useId();
  const list = useRef<ListHandle>(null);

  const choose = ({ id }: LogEntry) => onAsk({ chosen: id });
  const move = (to: number) => {
    const next = Math.max(0, Math.min(found.entries.length - 1, to));
    choose(found.entries[next]!);
    list.current?.show(next);
  };
  const narrow = (patch: Partial<Asked>) => {
    // The first of what is found is chosen, and in sight.
    onAsk({ ...patch, chosen: null });
    list.current?.toTop();
  };
  const listAll = () => narrow({ typed: '', filters: noFilters });
  const onKeyDown = (event: KeyboardEvent) => {
    // While characters are being composed, keys belong to that.
    if (composes(event.nativeEvent) || !entry) return;
    const by = MOVES[event.key];
    if (by) move(at + by);
    else if (event.key === 'Enter') void reopen(bench, entry);
    else return;
    event.preventDefault();
  };
  return (
    <Place title="Log of verbalizations" testId="log">
      <div className="log-head">
        <Counts all={entries.length} found={found.entries.length} storage={storage} />
        <LogExchange {...exchange} found={found.entries} all={entries.length} />
      </div>
      {entries.length > 0 && (
        <>
          <div className="log-search">
            <SearchBox
              label="Search the words and the text around each token"
              placeholder="Words, or text around the token"
              testId="log-search"
              list={listId}
              active={entry ? `${listId}-${at}` : undefined}
              value={typed}
              onType={(value) => narrow({ typed: value })}
              onKeyDown={onKeyDown}
            />
            <LogFilters
              entries={entries}
              found={found}
              filters={filters}
              onFilters={(next) => narrow({ filters: next })}
            />
          </div>
          <div className="log-sides">
            <div>
              <Heads />
              {entry ? (
                <LogList id={listId} ref={list} entries={found.entries} words={words} chosen={at} onChoose={choose} />
              ) : (
                <Nothing id={listId} onAll={listAll} />
              )}
              <p className="caption log-foot">↑ ↓ choose, Enter reopens: text, token and layer as they were.</p>
            </div>
            {entry && (
              <LogDetail
                key={entry.id}
                entry={entry}
                words={words}
                run={{ size: entries.filter(({ run }) => run === entry.run).length, alone: filters.run === entry.run }}
                onRun={(run) => onAsk({ filters: { ...filters, run }, chosen: entry.id })}
              />
            )}
          </div>
        </>
      )}
      {!entries.length && storage !== 'opening' && (
        <p className="empty" data-testid="log-nothing">
          Nothing verbalized yet. Lock a token and press Verbalize: what it says is kept here, with its text. Import
          reads a log, or results of Neuronpedia.
        </p>
      )}
    </Place>
  );
}

/** The rows found, and the index of the chosen one. */
function useFound(entries: readonly LogEntry[], { typed, filters, chosen }: Asked) {
  const late = useDeferredValue(typed);
  const words = useMemo(() => wordsOf(late), [late]);
  const found = useMemo(() => searchLog(entries, late, filters), [entries, late, filters]);
  return { words, found, at: useChosen(found.entries, chosen) };
}

function Counts({ all, found, storage }: { all: number; found: number; storage: RecordsState['storage'] }) {
  return (
    <p className="caption figures" role="status" data-testid="log-counts">
      {storage === 'opening' && !all ? 'Reading the log.' : countsSay(all, found, storage)}
    </p>
  );
}

/** What stands over the columns. */
const Heads = () => (
  <div className="log-row log-heads caption" aria-hidden="true">
    <span>token in its text</span>
    <span>words</span>
    <span>score, FVE</span>
    <span>made</span>
  </div>
);

/** Index of the chosen row, or of the row that took its place if it is gone; the first if none is chosen. */
function useChosen(entries: readonly LogEntry[], chosen: string | null): number {
  const last = useRef(0);
  const found = chosen === null ? 0 : entries.findIndex(({ id }) => id === chosen);
  const at = found >= 0 ? found : Math.max(0, Math.min(last.current, entries.length - 1));
  useEffect(() => {
    last.current = at;
  }, [at]);
  return at;
}

/** In the place of the list, which keeps its height. */
const Nothing = ({ id, onAll }: { id: string; onAll: () => void }) => (
  <div id={id} className="log-list" data-testid="log-nothing">
    <p className="empty">
      No row holds these words under these filters.{' '}
      <button type="button" className="bare" onClick={onAll}>
        List all
      </button>
    </p>
  </div>
);
