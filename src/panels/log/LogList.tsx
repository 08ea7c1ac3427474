import { measureElement, useVirtualizer } from '@tanstack/react-virtual';
import { type Ref, useImperativeHandle, useRef } from 'react';
import type { LogEntry } from '../../state/log/record';
import { drawnRows } from './drawn-rows';
import { LogRow } from './LogRow';

/** Rows drawn above and below those in sight, so that a turn of the wheel finds them there. */
const BEYOND = 8;

export interface ListHandle {
  /** Scrolls as little as it takes to have a row in sight. */
  show(index: number): void;
  toTop(): void;
}

interface Props {
  id: string;
  entries: readonly LogEntry[];
  words: readonly RegExp[];
  /** Index of the chosen row; −1: none. */
  chosen: number;
  onChoose: (entry: LogEntry) => void;
  ref: Ref<ListHandle>;
}

/** The list of rows. Draws only the rows in sight, some around them, and the chosen row, which the search line
 *  names. */
export function LogList({ id, entries, words, chosen, onChoose, ref }: Props) {
  const list = useRef<HTMLDivElement>(null);
  // The style gives all rows one height, so a row that is not drawn has the height measured last.
  const height = useRef(64);
  const rows = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: entries.length,
    getScrollElement: () => list.current,
    estimateSize: () => height.current,
    measureElement: (...row) => {
      height.current = measureElement(...row);
      return height.current;
    },
    overscan: BEYOND,
    rangeExtractor: (range) => drawnRows(range, chosen),
  });
  useImperativeHandle(ref, () => ({
    show: (index) => rows.scrollToIndex(index),
    toTop: () => rows.scrollToOffset(0),
  }));
  return (
    <div ref={list} id={id} className="log-list" role="listbox" aria-label="Verbalizations" data-testid="log-list">
      <div className="log-rows" role="presentation" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index]!;
          return (
            <LogRow
              key={entry.id}
              ref={rows.measureElement}
              id={`${id}-${index}`}
              entry={entry}
              words={words}
              chosen={index === chosen}
              index={index}
              of={entries.length}
              top={start}
              onChoose={onChoose}
            />
          );
        })}
      </div>
    </div>
  );
}
