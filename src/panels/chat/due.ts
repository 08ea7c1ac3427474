import type { Chat } from '../../lens/api/chat';
import type { GeneratedRow } from '../../lens/api/generate';
import { STREAMS, type StreamKind } from '../../state/base/view';
import { answerOf } from '../../state/chat/answer';
import { isAnswered } from '../../state/chat/turns';
import { samePrompt } from '../../state/reading/prompt';
import { type RunState, variantsOf } from '../../state/steering/run';

type Run = Pick<RunState, 'plan' | 'streams' | 'coming' | 'stale'>;

/** The answers to a conversation as it stands. */
export interface Due {
  /** The turn that they are to become. */
  turn: number;
  /** What each says so far. */
  rows: { kind: StreamKind; rows: readonly GeneratedRow[] }[];
  /** They were given to another state of the page. */
  stale: boolean;
  /** Whether they answer these very turns. While a turn is written in, those to its former words keep their place. */
  own: boolean;
}

/** What a run has given to a conversation; null where nothing was asked, or the turn is answered. A run that has given no
 *  token yet has its place already. */
export function dueOf(chat: Chat, { plan, streams, coming, stale }: Run): Due | null {
  if (isAnswered(chat)) return null;
  const turn = chat.open ? chat.messages.length - 1 : chat.messages.length;
  const given = plan?.prompt;
  const to = (prompt: Chat) => prompt.messages.length === chat.messages.length && !prompt.open === !chat.open;
  if (streams && typeof given === 'object' && to(given)) {
    const rows = STREAMS.flatMap((kind) => {
      const own = streams[kind];
      return own ? { kind, rows: own } : [];
    });
    return { turn, rows, stale, own: samePrompt(given, chat) };
  }
  if (typeof coming?.prompt !== 'object' || !to(coming.prompt)) return null;
  const rows = STREAMS.slice(0, variantsOf(coming).length).map((kind) => ({ kind, rows: [] }));
  return { turn, rows, stale: false, own: true };
}

/** What would be kept of a generated text, its thinking apart. */
export function pieces(rows: readonly GeneratedRow[], stops: readonly string[]): { text: string; thinks: boolean }[] {
  const { text } = answerOf(rows, stops);
  const found: { text: string; thinks: boolean }[] = [];
  let from = 0;
  for (const row of rows) {
    const said = text.slice(from, from + row.text.length);
    from += row.text.length;
    if (said === '') continue;
    const thinks = row.section === 'thinking';
    const last = found.at(-1);
    if (last?.thinks === thinks) last.text += said;
    else found.push({ text: said, thinks });
  }
  return found;
}
