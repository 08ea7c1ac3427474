import type { Message, Section } from '../api/chat';

/** What a speaker says, or thinks: [begin, end) of a message's content, in UTF-16 units. */
export interface Segment {
  /** Index of the message. */
  turn: number;
  begin: number;
  end: number;
  section: Exclude<Section, 'template'>;
}

export const [OPEN, CLOSE] = ['<think>', '</think>'];

/** How thinking is told from the rest. */
export interface Thinking {
  /** Whether the tokenizer has the tags. */
  tagged: boolean;
  /** Whether the template opens the thought, where the assistant begins. */
  opened: boolean;
}

/** The segments of all messages, in their order. Where there are tags, the assistant's content is cut at them; they belong
 *  to no segment. Text before a closing tag that nothing opens is thinking only if the template opens it: so it is also
 *  in what is begun and generated. */
export function segmentsOf(messages: readonly Message[], { tagged, opened }: Thinking): Segment[] {
  return messages.flatMap(({ role, content }, turn) =>
    tagged && role === 'assistant'
      ? cut(content, turn, opened)
      : [{ turn, begin: 0, end: content.length, section: 'content' }],
  );
}

function cut(content: string, turn: number, opened: boolean): Segment[] {
  const found: Segment[] = [];
  const add = (begin: number, end: number, section: Segment['section']) => {
    // An empty stretch beside a tag says nothing; an empty message still has its place.
    if (begin < end || (begin === 0 && end === content.length)) found.push({ turn, begin, end, section });
  };
  const [open, close] = [content.indexOf(OPEN!), content.indexOf(CLOSE!)];
  let thinks = opened && close >= 0 && (open < 0 || close < open);
  let begin = 0;
  for (const { index, 0: tag } of content.matchAll(/<\/?think>/g)) {
    add(begin, index, thinks ? 'thinking' : 'content');
    thinks = tag === OPEN;
    begin = index + tag.length;
  }
  add(begin, content.length, thinks ? 'thinking' : 'content');
  return found;
}
