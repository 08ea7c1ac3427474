import { type KeyboardEvent, memo, useEffect, useMemo, useRef } from 'react';
import type { Chip } from '../../state/chips';
import type { Scale } from '../../state/select';
import { shade } from '../../state/shade';
import type { Reading } from '../../state/trace';
import { TokenText } from '../../ui/TokenText';
import { spoken } from '../../ui/token-pieces';
import { useBench, useView } from '../bench';
import { chipFill, chipValue } from './chip-fill';
import { verticalNeighbour } from './neighbour';

/** The text as chips: one tab stop, arrows move, Enter or a click locks, Esc unlocks. Under each chip two lanes: surprisal and FVU. */
export function Chips({ reading, scale, fvu, vocabulary }: { reading: Reading; scale: Scale; fvu: Float32Array; vocabulary: number }) {
  const bench = useBench();
  const list = useRef<HTMLDivElement>(null);
  const first = useView((s) => s.first);
  const colour = useView((s) => s.colour);
  const stop = useView((s) => s.locked ?? s.hover ?? 0);
  const locked = useView((s) => s.locked);
  const { chips, surprisal } = reading;
  const lanes = useMemo(() => chips.map((chip) => ({ surprisal: shade(chipValue(chip, surprisal), Math.log(vocabulary)), fvu: shade(chipValue(chip, fvu), 1) })), [chips, surprisal, fvu, vocabulary]);

  useEffect(() => {
    if (locked !== null) list.current?.querySelector(`[data-from="${locked}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [locked]);

  const go = (chip: Chip | undefined) => {
    if (!chip) return;
    if (bench.view.store.getState().locked !== null) bench.view.set({ locked: chip.from });
    bench.view.hover(chip.from);
    list.current?.querySelector<HTMLElement>(`[data-from="${chip.from}"]`)?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    const at = chips.findIndex((chip) => chip.from === Number((event.target as HTMLElement).dataset.from));
    if (at < 0) return;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => go(chips[at - 1]),
      ArrowRight: () => go(chips[at + 1]),
      ArrowUp: () => go(chips[verticalNeighbour(list.current!, at, -1)]),
      ArrowDown: () => go(chips[verticalNeighbour(list.current!, at, 1)]),
      Home: () => go(chips[0]),
      End: () => go(chips.at(-1)),
      Enter: () => bench.view.toggleLock(chips[at]!.from),
      ' ': () => bench.view.toggleLock(chips[at]!.from),
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move();
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
  const bench = useBench();
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
      onClick={() => bench.view.toggleLock(from)}
      onPointerEnter={() => bench.view.hover(from)}
      onFocus={() => bench.view.hover(from)}
    >
      <span className="chip-text" style={{ '--fill': `${(fill * 100).toFixed(1)}%` } as React.CSSProperties}>
        <TokenText text={chip.text} />
      </span>
      <i className="lane" style={{ opacity: surprisal }} />
      <i className="lane" style={{ opacity: fvu }} />
    </span>
  );
});
