import * as v from 'valibot';
import { chatSchema } from '../../lens/exchange/chat-schema';
import * as s from '../../lens/exchange/schemas';
import { LONGEST_NAME, MOST_CHARACTERS } from './limits';

const time = s.number(0, 8.64e15);
const words = s.anyText(2000);

/** A branch as it is kept. */
export const branch = s.object({
  id: s.text(200),
  /** What the reader calls it; empty: by its first words. */
  name: s.anyText(LONGEST_NAME),
  chat: chatSchema(MOST_CHARACTERS),
  /** The exact tokens of the last answer, where that is whole and was generated. */
  exact: v.optional(s.listOf<number>((id) => s.isWhole(id, 0, 1 << 24), MOST_CHARACTERS, 'must list token ids')),
  /** Where it left another conversation; null: it is one of its own. */
  from: s.orNull(
    s.object({
      turn: s.whole(0, 1_000_000),
      /** Which of the generated tokens, from 1; null: a token of the conversation, at a position. */
      token: s.orNull(s.whole(1, 1_000_000)),
      position: s.orNull(s.whole(0, 9_999_999)),
      was: words,
      now: words,
    }),
  ),
  /** The model whose the exact tokens are. */
  model: s.orNull(s.ModelName),
  began: time,
  updated: time,
});

/** Reads an untrusted record. Throws CorruptFileError, which says what is wrong. */
export const parseBranch = (value: unknown) => s.read(branch, value, 'branches');
