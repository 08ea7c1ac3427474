import type { Chat } from '../../lens/api/chat';
import { awaitsAnswer } from '../../state/chat/turns';
import type { RunState } from '../../state/steering/run';
import { dueOf } from './due';

/** How far the conversation is: the user may speak, a begun answer may go on, a turn waits for its answer, the answer is
 *  being written, one is there, or several are. */
export type Stage = 'said' | 'begun' | 'waits' | 'comes' | 'one' | 'some';

export interface Next {
  stage: Stage;
  /** The last turn. */
  turn: number;
  /** Whether words wait in the box. */
  drafted: boolean;
}

export function stageOf(chat: Chat, run: Pick<RunState, 'plan' | 'streams' | 'coming' | 'stale' | 'status'>): Stage {
  const due = dueOf(chat, run);
  if (due?.own && !due.stale) {
    if (run.status === 'generating') return 'comes';
    return due.rows.length > 1 ? 'some' : 'one';
  }
  if (chat.open) return 'begun';
  return awaitsAnswer(chat) ? 'waits' : 'said';
}

/** What the empty box says can be done. */
export function nextWords({ stage, turn }: Next): string {
  if (stage === 'waits') return `Turn ${turn} waits for an answer.`;
  if (stage === 'one') return 'Keep the answer to go on.';
  if (stage === 'some') return 'Keep an answer to go on.';
  return stage === 'comes' ? `Turn ${turn} waits for its answer.` : 'Say something. Enter sends it.';
}

/** What stands below the box: what goes on, and what has to be done before its words are sent. */
export function nextSays({ stage, turn, drafted }: Next): string | null {
  switch (stage) {
    case 'comes':
      return 'The answer is being written.';
    case 'one':
      return drafted ? 'The answer is there: keep it, then send.' : 'The answer is there.';
    case 'some':
      return drafted ? 'The answers are there: keep one, then send.' : 'The answers are there.';
    case 'begun':
      return 'The last answer is begun: Continue goes on with it.';
    case 'waits':
      return drafted ? `Turn ${turn} waits for an answer: press Answer, then send.` : null;
    case 'said':
      return null;
  }
}
