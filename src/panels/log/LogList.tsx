import { type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import type { LogEntry } from '../../state/log/record';
import { useWidth } from '../../ui/use-width';
import { LogRow } from './LogRow';
import { rowsInSight } from './rows-in-sight';

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

/** The rows, of which only those in sight are drawn, and the chosen one, which the search line names. All have the
 *  height that the style says. */
export function LogList({ id, entries, words, chosen, onChoose, ref }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const width = useWidth(list);
  const [height, setHeight] = useState(64);
  const [sight, setSight] = useState({ top: 0, height: 800 });
  const look = () => {
    const element = list.current;
    if (element) setSight({ top: element.scrollTop, height: element.clientHeight });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a narrow page has taller rows, and fewer rows scroll less far
  useLayoutEffect(() => {
    setHeight(Number.parseFloat(getComputedStyle(list.current!).getPropertyValue('--row')) || 64);
    look();
  }, [width, entries.length]);
  useImperativeHandle(ref, () => ({
    show: (index) => {
      const element = list.current;
      if (!element) return;
      const top = index * height;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + height > element.scrollTop + element.clientHeight)
        element.scrollTop = top + height - element.clientHeight;
    },
    toTop: () => list.current?.scrollTo(0, 0),
  }));
  return (
    <div
      ref={list}
      id={id}
      className="log-list"
      role="listbox"
      aria-label="Verbalizations"
      data-testid="log-list"
      onScroll={look}
    >
      <div className="log-rows" role="presentation" style={{ height: entries.length * height }}>
        {rowsInSight(entries.length, height, sight, chosen).map((i) => {
          const entry = entries[i]!;
          return (
            <LogRow
              key={entry.id}
              id={`${id}-${i}`}
              entry={entry}
              words={words}
              chosen={i === chosen}
              nth={i + 1}
              of={entries.length}
              top={i * height}
              onChoose={onChoose}
            />
          );
        })}
      </div>
    </div>
  );
}
