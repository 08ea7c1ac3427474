import type { Chat } from '../../lens/api/chat';
import { withMoved, withoutTurn, withRole, withTurnAt } from '../../state/chat/turns';

/** What is done with a turn by one press. */
export type TurnAct = 'insert' | 'up' | 'down' | 'remove';

export const TURN_ACTS: readonly { act: TurnAct; says: string; of: (turn: number) => string }[] = [
  { act: 'insert', says: 'Insert', of: (turn) => `a turn after turn ${turn}` },
  { act: 'up', says: 'Up', of: (turn) => `turn ${turn}` },
  { act: 'down', says: 'Down', of: (turn) => `turn ${turn}` },
  { act: 'remove', says: 'Remove', of: (turn) => `turn ${turn}` },
];

/** Where the focus goes: a turn of the changed conversation, and the part of it. Not there, or disabled: its text. */
export interface TurnFocus {
  turn: number;
  part: 'text' | TurnAct;
}

/** The conversation with it done, and where the focus goes: with the turn that moves, into the one that is new, to the
 *  one that stands in the place of what has gone. */
export function actOn(chat: Chat, act: TurnAct, turn: number): { chat: Chat; focus: TurnFocus } {
  switch (act) {
    case 'insert':
      return { chat: withTurnAt(chat, turn + 1), focus: { turn: turn + 1, part: 'text' } };
    case 'up':
      return { chat: withMoved(chat, turn, -1), focus: { turn: turn - 1, part: act } };
    case 'down':
      return { chat: withMoved(chat, turn, 1), focus: { turn: turn + 1, part: act } };
    case 'remove': {
      const without = withoutTurn(chat, turn);
      return { chat: without, focus: { turn: Math.min(turn, without.messages.length - 1), part: act } };
    }
  }
}

/** With an empty turn of the system's in front. */
export const withSystem = (chat: Chat): Chat => withRole(withTurnAt(chat, 0), 0, 'system');
