import type { Message, Role } from '../api/chat';
import { CLOSE, OPEN } from './segments';

/** What a template writes around turns, found by what it makes of three words that it cannot know. */
export interface Frame {
  /** Before the first turn, if that is the user's: a begin of text, a default system prompt. */
  opening: string;
  /** Before a turn's content; null where unknown. */
  headers: Readonly<Record<'user' | 'assistant', string | null>>;
  /** Behind it, up to the next turn. */
  footers: Readonly<Record<Role, string | null>>;
  /** Whether the place where the assistant begins ends inside a thought. */
  opensThought: boolean;
}

/** Renders messages, and behind them the place where the assistant begins; null if the template refuses. */
type RenderFrame = (messages: Message[], begins: boolean) => string | null;

const WORDS = ['\u{10fff0}', '\u{10fff1}', '\u{10fff2}'] as const;

export function frameOf(renderFrame: RenderFrame): Frame {
  const [first, second, third] = WORDS;
  const render = (messages: Message[]) => renderFrame(messages, false);
  const user = (content: string): Message => ({ role: 'user', content });
  const asked = [user(first)];
  const answered: Message[] = [...asked, { role: 'assistant', content: second }];
  const system = between(render([{ role: 'system', content: second }, user(first)]), second, first);

  const alone = render(asked);
  const userFooter = behind(alone, first);
  const before = alone?.includes(first) ? alone.slice(0, alone.indexOf(first)) : '';
  const answer = render(answered);
  const assistantHeader = without(between(answer, first, second), userFooter);
  const next = between(render([...answered, user(third)]), second, third);
  const assistantFooter = footerOf(behind(answer, second), next, before);
  const userHeader = without(next, assistantFooter);
  const systemFooter =
    system !== null && userHeader !== null && system.endsWith(userHeader)
      ? system.slice(0, system.length - userHeader.length)
      : null;
  const begins = behind(renderFrame(asked, true), first) ?? '';
  return {
    opening:
      userHeader !== null && before.endsWith(userHeader) ? before.slice(0, before.length - userHeader.length) : '',
    headers: { user: userHeader, assistant: assistantHeader },
    footers: { system: systemFooter, user: userFooter, assistant: assistantFooter },
    opensThought: begins.lastIndexOf(OPEN) > begins.lastIndexOf(CLOSE),
  };
}

/** An answer's footer: what stands behind the last one. Some templates end a turn only where another follows: then it is
 *  what stands between the answer and the next user's turn (`next`), but for what also begins the first (`before`). */
function footerOf(last: string | null, next: string | null, before: string): string | null {
  if (last === null || next === null || last.trim() !== '') return last;
  let header = 0;
  while (header < Math.min(next.length, before.length) && next.at(-1 - header) === before.at(-1 - header)) header++;
  const end = next.length - header;
  return end > last.length ? next.slice(0, end) : last;
}

/** A turn's footer cut off the text up to the next content. */
const without = (text: string | null, footer: string | null): string | null =>
  text !== null && footer !== null && text.startsWith(footer) ? text.slice(footer.length) : null;

function behind(text: string | null, word: string): string | null {
  const at = text?.lastIndexOf(word) ?? -1;
  return at < 0 ? null : text!.slice(at + word.length);
}

function between(text: string | null, from: string, to: string): string | null {
  const rest = behind(text, from);
  const at = rest?.indexOf(to) ?? -1;
  return at < 0 ? null : rest!.slice(0, at);
}
