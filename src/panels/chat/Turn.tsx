import { type Chat, type Message, ROLES, type Role } from '../../lens/api/chat';
import { withContent, withMoved, withOpen, withoutTurn, withRole, withTurnAt } from '../../state/chat/turns';
import { Choice } from '../../ui/Choice';
import { useComposed } from '../../ui/use-composed';
import { countRender } from '../render-count';
import { useBench } from '../use-workbench';

interface Props {
  chat: Chat;
  message: Message;
  turn: number;
}

const STATES = [
  { value: 'whole', label: 'Whole', title: 'The answer is at its end, and the template closes the turn.' },
  { value: 'begun', label: 'Begun', title: 'The answer stands as it is, and generation goes on with it.' },
] as const;

/** One turn: who speaks, what is said, and what can be done with it. */
export function Turn({ chat, message, turn }: Props) {
  countRender('turn');
  const bench = useBench();
  const { role, content } = message;
  const step = (how: (chat: Chat) => Chat) => void bench.chat.step(how);
  const last = chat.messages.length - 1;
  const box = useComposed(content, (typed) => bench.chat.change((now) => withContent(now, turn, typed)));
  return (
    <li className={`turn turn-${role}`} data-testid="turn" data-role={role}>
      <span className="turn-who">
        <span className="caption figures">{turn}</span>
        <select
          aria-label={`Who says turn ${turn}`}
          value={role}
          onChange={({ target }) => step((now) => withRole(now, turn, target.value as Role))}
        >
          {ROLES.map((known) => (
            <option key={known}>{known}</option>
          ))}
        </select>
      </span>
      <span className="grows" data-value={box.value}>
        <textarea
          rows={1}
          aria-label={`Turn ${turn}, ${role}`}
          data-undo="page"
          spellCheck={false}
          placeholder="Nothing is said yet."
          {...box}
        />
      </span>
      <span className="turn-acts">
        {turn === last && role === 'assistant' && (
          <Choice
            name="turn-end"
            label="How the last answer ends"
            options={STATES}
            value={chat.open ? 'begun' : 'whole'}
            onChange={(value) => step((now) => withOpen(now, value === 'begun'))}
          />
        )}
        <span className="turn-moves">
          <Act says="Insert" of={`a turn behind turn ${turn}`} act={() => step((now) => withTurnAt(now, turn + 1))} />
          <Act says="Up" of={`turn ${turn}`} off={turn === 0} act={() => step((now) => withMoved(now, turn, -1))} />
          <Act says="Down" of={`turn ${turn}`} off={turn === last} act={() => step((now) => withMoved(now, turn, 1))} />
          <Act says="Remove" of={`turn ${turn}`} act={() => step((now) => withoutTurn(now, turn))} />
        </span>
      </span>
    </li>
  );
}

function Act({ says, of, act, off = false }: { says: string; of: string; act: () => void; off?: boolean }) {
  return (
    <button type="button" className="bare" aria-label={`${says} ${of}`} disabled={off} onClick={act}>
      {says}
    </button>
  );
}
