import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '../../src/lens/engine/tokenizer';
import { CHATS } from './chats.mjs';

/** The page's conversations against the same, read here. It imports TypeScript: it is loaded through Vite.
 *  @import { Token } from '../../src/lens/index'
 *  @typedef {Awaited<ReturnType<typeof import('./chats.mjs').conversed>>} Seen */

/** The tokenizer in a model's folder. */
export function tokenizerIn(/** @type {string} */ folder) {
  const json = (/** @type {string} */ file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return new Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
}

/** `tokens`: of each conversation. `different`: those with another id or place. `split`: those that share a character.
 *  `thinking`: those of thoughts, generated ones included. `misplaced`: generated ones that are neither a thought nor
 *  its end.
 *  @param {Seen} seen
 *  @param {Tokenizer} tokenizer */
export function compareChats(seen, tokenizer) {
  const read = CHATS.map((chat) => {
    const { ids, spans } = tokenizer.read(chat);
    return tokenizer.tokens(ids, spans);
  });
  const expected = [...read, read[read.length - 1]];
  const pairs = [...seen.read, seen.traced].map((tokens, i) => ({ tokens, known: expected[i] }));
  const all = seen.read.flat();
  const close = tokenizer.thinkTags?.close;
  return {
    vocabulary: seen.vocabulary,
    templates: seen.templates,
    knowsThinking: seen.thinking,
    tokens: seen.read.map(({ length }) => length),
    different: pairs.reduce((sum, { tokens, known }) => sum + differences(tokens, known), 0),
    split: all.filter(({ fragment }) => fragment).length,
    thinking: [...all.map(({ span }) => span), ...seen.generated].filter((of) => of?.section === 'thinking').length,
    misplaced: seen.generated.filter(({ id, section }) => section !== 'thinking' && id !== close).length,
  };
}

/** @param {Token[]} tokens
 *  @param {Token[]} known */
function differences(tokens, known) {
  const told = (/** @type {Token | undefined} */ token) =>
    token && JSON.stringify([token.id, token.span, token.fragment]);
  return Array.from(
    { length: Math.max(tokens.length, known.length) },
    (_, i) => told(tokens[i]) !== told(known[i]),
  ).filter(Boolean).length;
}
