import type { Message, Role } from '../api/chat';
import type { TryRender } from './marks';

/** What a template writes around turns, found by what it makes of three words that it cannot know. */
export interface Frame {
  /** Before the first turn, if that is the user's: a begin of text, a default system prompt. */
  opening: string;
  /** Before a turn's content; null where unknown. */
  headers: Readonly<Record<Role, string | null>>;
  /** Behind it, up to the next turn. */
  footers: Readonly<Record<Role, string | null>>;
}

const WORDS = ['\u{10fff0}', '\u{10fff1}', '\u{10fff2}'] as const;

export function frameOf(render: TryRender): Frame {
  const [first, second, third] = WORDS;
  const user = (content: string): Message => ({ role: 'user', content });
  const asked = [user(first)];
  const answered: Message[] = [...asked, { role: 'assistant', content: second }];
  const system = between(render([{ role: 'system', content: second }, user(first)]), second, first);

  const alone = render(asked);
  const userFooter = behind(alone, first);
  const answer = render(answered);
  const assistantFooter = behind(answer, second);
  const assistantHeader = without(between(answer, first, second), userFooter);
  const next = between(render([...answered, user(third)]), second, third);
  const userHeader = without(next, assistantFooter);
  const systemFooter =
    system !== null && userHeader !== null && system.endsWith(userHeader)
      ? system.slice(0, system.length - userHeader.length)
      : null;
  const before = alone?.includes(first) ? alone.slice(0, alone.indexOf(first)) : '';
  return {
    opening:
      userHeader !== null && before.endsWith(userHeader) ? before.slice(0, before.length - userHeader.length) : '',
    headers: { system: null, user: userHeader, assistant: assistantHeader },
    footers: { system: systemFooter, user: userFooter, assistant: assistantFooter },
  };
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
