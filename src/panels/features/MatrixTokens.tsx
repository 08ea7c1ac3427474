import { useMemo, useRef } from 'react';
import { type Chip, chipAt } from '../../state/reading/chips';
import type { Reading } from '../../state/reading/trace';
import { TokenText } from '../../ui/TokenText';
import { useWidth } from '../../ui/use-width';
import { useView } from '../use-workbench';
import { namingOf } from './matrix-layout';

/** The text over the strips: every token at its column where there is room, else the locked one and the one under the
 *  pointer, or the one at `peak`. For the eye: to others the chips and the strips say it. */
export function MatrixTokens({ reading: { chips, count }, peak }: { reading: Reading; peak: number | null }) {
  const line = useRef<HTMLDivElement>(null);
  const width = useWidth(line);
  const naming = useMemo(() => namingOf(chips, count, width), [chips, count, width]);
  return (
    <div ref={line} className="matrix-tokens mono" data-naming={naming} aria-hidden="true">
      {naming === 'one' ? (
        <>
          <Locked chips={chips} count={count} peak={peak} />
          <Hovered chips={chips} count={count} />
        </>
      ) : (
        chips.map((chip) => <Name key={chip.from} chip={chip} count={count} />)
      )}
    </div>
  );
}

/** Without the space that most words begin with. */
const shown = (text: string): string => text.replace(/^ +(?=.)/s, '');

function Name({ chip, count }: { chip: Chip; count: number }) {
  const { from, to, text } = chip;
  const here = useView(({ locked, hover }) => [locked, hover].some((at) => at !== null && from <= at && at <= to));
  return (
    <span
      className={here ? 'matrix-token matrix-token-here' : 'matrix-token'}
      style={{ left: `${(100 * from) / count}%`, width: `${(100 * (to - from + 1)) / count}%` }}
    >
      <TokenText text={shown(text)} />
    </span>
  );
}

interface Text {
  chips: readonly Chip[];
  count: number;
}

function Locked({ peak, ...text }: Text & { peak: number | null }) {
  const locked = useView((s) => s.locked);
  const alone = useView((s) => s.hover === null);
  return <One {...text} at={locked ?? (alone ? peak : null)} locked={locked !== null} />;
}

function Hovered(text: Text) {
  return <One {...text} at={useView((s) => s.hover)} locked={false} />;
}

/** As far to the right of its own left end as its place is of the strip's: it never stands out of it. */
function One({ chips, count, at, locked }: Text & { at: number | null; locked: boolean }) {
  const chip = chipAt(chips, at);
  if (!chip) return null;
  const place = (50 * (chip.from + chip.to + 1)) / count;
  return (
    <span
      className={locked ? 'matrix-token matrix-token-here' : 'matrix-token'}
      style={{ left: `${place}%`, translate: `-${place}%` }}
    >
      <TokenText text={shown(chip.text)} />
    </span>
  );
}
