import { type ClipboardEvent, type KeyboardEvent, memo, useEffect, useMemo, useRef } from 'react';
import type { Chip } from '../../state/chips';
import type { Scale } from '../../state/select';
import { shade } from '../../state/shade';
import type { Reading } from '../../state/trace';
import { TokenText } from '../../ui/TokenText';
import { spoken } from '../../ui/token-pieces';
import { useBench, useView } from '../bench';
import { chipFill, chipValue, countsFirst } from './chip-fill';
import { copied } from './copied';
import { verticalNeighbour } from './neighbour';

/** The text as chips: one tab stop, arrows move, Enter or a click locks, Esc unlocks. Under each chip two lanes: surprisal and FVU. */
export function Chips({ reading, scale, fvu, vocabulary }: { reading: Reading; scale: Scale; fvu: Float32Array; vocabulary: number }) {
  const bench = useBench();
  const list = useRef<HTMLDivElement>(null);
  const first = useView((s) => countsFirst(s, reading.count));
  const colour = useView((s) => s.colour);
  const stop = useView((s) => s.locked ?? s.hover ?? 0);
  const locked = useView((s) => s.locked);
  const { chips, surprisal } = reading;
  const lanes = useMemo(
    () => chips.map((chip) => ({ surprisal: shade(chipValue(chip, surprisal), Math.log(vocabulary)), fvu: shade(chipValue(chip, fvu), 1) })),
    [chips, surprisal, fvu, vocabulary],
  );

  useEffect(() => {
    if (locked !== null) list.current?.querySelector(`[data-from="${locked}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [locked]);

  const go = (chip: Chip | undefined) => {
    if (!chip) return;
    if (bench.view.store.getState().locked !== null) bench.view.set({ locked: chip.from });
    bench.view.hover(chip.from);
    list.current?.querySelector<HTMLElement>(`[data-from="${chip.from}"]`)?.focus();
  };
  /** The chip that an event came from. */
  const chipOf = (event: { target: EventTarget }) => {
    const from = (event.target as Element).closest<HTMLElement>('[data-from]')?.dataset.from;
    return from === undefined ? -1 : chips.findIndex((chip) => chip.from === Number(from));
  };
  const lock = (at: number) => chips[at] && bench.view.toggleLock(chips[at].from);
  const hover = (event: { target: EventTarget }) => bench.view.hover(chips[chipOf(event)]?.from ?? null);
  const neighbour = (key: string, at: number): number | null => {
    switch (key) {
      case 'ArrowLeft':
        return at - 1;
      case 'ArrowRight':
        return at + 1;
      case 'ArrowUp':
        return verticalNeighbour(list.current!, at, -1);
      case 'ArrowDown':
        return verticalNeighbour(list.current!, at, 1);
      case 'Home':
        return 0;
      case 'End':
        return chips.length - 1;
      default:
        return null;
    }
  };
  const keys = (event: KeyboardEvent) => {
    const at = chipOf(event);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = neighbour(event.key, at);
    if (next !== null) go(chips[next]);
    else if (event.key === 'Enter' || event.key === ' ') lock(at);
    else return;
    event.preventDefault();
  };
  /** What is copied is the text itself: signs drawn in place of white space, and the lanes, are no part of it. */
  const copy = (event: ClipboardEvent) => {
    const selection = getSelection();
    const chosen = [...list.current!.querySelectorAll('[data-from]')].map((chip) => selection?.containsNode(chip, true) ?? false);
    if (!chosen.includes(true)) return;
    event.clipboardData.setData('text/plain', copied(reading, chosen.indexOf(true), chosen.lastIndexOf(true)));
    event.preventDefault();
  };
  const tabStop = chips.some((chip) => chip.from === stop) ? stop : 0;
  return (
    <div
      ref={list}
      className="chips mono"
      role="listbox"
      aria-label="Tokens"
      aria-orientation="horizontal"
      data-colour={colour}
      tabIndex={-1}
      onKeyDown={keys}
      onCopy={copy}
      onClick={(event) => lock(chipOf(event))}
      onFocus={hover}
      onBlur={() => bench.view.hover(null)}
      onPointerOver={hover}
      onPointerLeave={() => bench.view.hover(null)}
    >
      {chips.map((chip, i) => (
        <ChipView
          key={chip.from}
          chip={chip}
          fill={chipFill(chip, scale, first)}
          surprisal={lanes[i]!.surprisal}
          fvu={lanes[i]!.fvu}
          muted={chip.special || (chip.from === 0 && !first)}
          tabStop={chip.from === tabStop}
        />
      ))}
    </div>
  );
}

interface ChipProps {
  chip: Chip;
  fill: number;
  surprisal: number;
  fvu: number;
  muted: boolean;
  tabStop: boolean;
}

const ChipView = memo(function ChipView({ chip, fill, surprisal, fvu, muted, tabStop }: ChipProps) {
  const locked = useView((s) => s.locked === chip.from);
  const hover = useView((s) => s.hover === chip.from);
  const { from, to } = chip;
  const state = `${locked ? ' chip-locked' : ''}${hover ? ' chip-hover' : ''}${muted ? ' chip-muted' : ''}`;
  return (
    <span
      className={`chip${state}`}
      role="option"
      aria-selected={locked}
      aria-label={`${spoken(chip.text)}, position ${from === to ? from : `${from} to ${to}`}`}
      tabIndex={tabStop ? 0 : -1}
      data-testid={`chip-${from}`}
      data-from={from}
      data-fill={fill.toFixed(3)}
    >
      <span className="chip-text" style={{ '--fill': `${(fill * 100).toFixed(1)}%` } as React.CSSProperties}>
        <TokenText text={chip.text} />
      </span>
      <i className="lane" style={{ opacity: surprisal }} />
      <i className="lane" style={{ opacity: fvu }} />
    </span>
  );
});
