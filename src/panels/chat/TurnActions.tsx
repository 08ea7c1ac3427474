import type { KeyboardEvent } from 'react';
import { usePopover } from '../../ui/use-popover';
import { TURN_ACTS, type TurnAct } from './turn-acts';

interface Props {
  turn: number;
  last: boolean;
  onAct: (act: TurnAct, turn: number) => void;
}

const off = (act: TurnAct, { turn, last }: Props) => (act === 'up' && turn === 0) || (act === 'down' && last);

/** The keys' neighbour of a button that can be pressed. */
function beside(button: Element, key: string): HTMLElement | null {
  const all = [...(button.parentElement?.querySelectorAll<HTMLElement>('button:enabled') ?? [])];
  const by = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  return by === 0 ? null : (all[all.indexOf(button as HTMLElement) + by] ?? null);
}

/** What can be done with a turn, as words at the end of its row: one stop of the keyboard, and arrows. */
export function TurnWords(props: Props) {
  const { turn, onAct } = props;
  const keys = (event: KeyboardEvent) => {
    const to = beside(event.target as Element, event.key);
    if (!to) return;
    event.preventDefault();
    to.focus();
  };
  return (
    <span className="turn-moves" role="toolbar" aria-label={`Turn ${turn}: actions`} onKeyDown={keys}>
      {TURN_ACTS.map(({ act, says, of }, i) => (
        <button
          key={act}
          type="button"
          className="bare"
          data-act={act}
          tabIndex={i === 0 ? 0 : -1}
          aria-label={`${says} ${of(turn)}`}
          disabled={off(act, props)}
          onClick={() => onAct(act, turn)}
        >
          {says}
        </button>
      ))}
    </span>
  );
}

const SIZE = { width: 160, height: 200 };

/** The same behind a button, where there is no hover or no room. `end`: how the turn ends, where there is a choice. */
export function TurnMenu({ end, ...props }: Props & { end: React.ReactNode }) {
  const { turn, onAct } = props;
  const { open, button, box } = usePopover(SIZE);
  return (
    <>
      <button type="button" className="bare turn-all" data-act="all" aria-label={`Turn ${turn}: actions`} {...button}>
        ⋯
      </button>
      <div {...box} className="popover turn-menu" role="dialog" aria-label={`Turn ${turn}: actions`}>
        {open && (
          <>
            {end}
            {TURN_ACTS.map(({ act, says, of }) => (
              <button
                key={act}
                type="button"
                className="bare"
                aria-label={`${says} ${of(turn)}`}
                disabled={off(act, props)}
                popoverTarget={box.id}
                popoverTargetAction="hide"
                onClick={() => onAct(act, turn)}
              >
                {says}
              </button>
            ))}
          </>
        )}
      </div>
    </>
  );
}
