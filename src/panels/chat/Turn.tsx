import { type KeyboardEvent, memo, useRef } from 'react';
import { type Message, ROLES, type Role } from '../../lens/api/chat';
import { withContent, withOpen, withRole } from '../../state/chat/turns';
import { Choice } from '../../ui/Choice';
import { composes } from '../../ui/composing';
import { focusTarget } from '../../ui/focus-targets';
import { useComposed } from '../../ui/use-composed';
import { countRender } from '../render-count';
import { useRoom } from '../use-room';
import { useBench } from '../use-workbench';
import { TurnMenu, TurnWords } from './TurnActions';
import type { TurnAct } from './turn-acts';
import { useMoreLines } from './use-more-lines';

interface Props {
  message: Message;
  turn: number;
  /** Whether no turn follows. */
  last: boolean;
  /** Whether this is a begun answer. */
  open: boolean;
  /** Whether its actions stand behind one button. */
  folded: boolean;
  onAct: (act: TurnAct, turn: number) => void;
}

const STATES = [
  { value: 'whole', label: 'Whole', title: 'The answer is at its end, and the template closes the turn.' },
  { value: 'begun', label: 'Begun', title: 'The answer stands as it is, and generation goes on with it.' },
] as const;

/** One turn: who speaks, what is said, and what can be done with it. */
export const Turn = memo(function Turn({ message, turn, last, open, folded, onAct }: Props) {
  countRender('turn');
  const bench = useBench();
  const { role, content } = message;
  const type = (typed: string) => bench.chat.change((now) => withContent(now, turn, typed));
  const box = useComposed(content, type, useRoom());
  const text = useRef<HTMLTextAreaElement>(null);
  const more = useMoreLines(text);
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || composes(event.nativeEvent)) return;
    event.preventDefault();
    focusTarget('composer');
  };
  const end = last && role === 'assistant' && (
    <Choice
      name="turn-end"
      label="How the last answer ends"
      options={STATES}
      value={open ? 'begun' : 'whole'}
      onChange={(value) => void bench.chat.step((now) => withOpen(now, value === 'begun'))}
    />
  );
  const acts = { turn, last, onAct };
  return (
    <li className={`turn turn-${role}`} data-testid="turn" data-role={role}>
      <span className="turn-who">
        <span className="turn-number caption figures">{turn}</span>
        <select
          aria-label={`Who says turn ${turn}`}
          value={role}
          onChange={({ target }) => void bench.chat.step((now) => withRole(now, turn, target.value as Role))}
        >
          {ROLES.map((known) => (
            <option key={known}>{known}</option>
          ))}
        </select>
      </span>
      <span className="turn-said">
        <span className="grows" data-value={box.value}>
          <textarea
            ref={text}
            rows={1}
            aria-label={`Turn ${turn}, ${role}`}
            aria-keyshortcuts="Escape"
            data-undo="page"
            spellCheck={false}
            placeholder="Nothing is said yet."
            onKeyDown={keys}
            {...box}
          />
        </span>
        {more > 0 && (
          <span className="turn-more caption figures" aria-hidden="true">
            … {more} more
          </span>
        )}
      </span>
      <span className="turn-acts">
        {folded ? (
          <TurnMenu {...acts} end={end} />
        ) : (
          <>
            <TurnWords {...acts} />
            {end}
          </>
        )}
      </span>
    </li>
  );
});
