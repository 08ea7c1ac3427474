/** Conversations in Chinese, which the rehearsal reads in the page: their rare characters are no tokens of their own,
 *  and the thinking of an earlier turn is left out by the template.
 *  @import { Page } from 'playwright'
 *  @import { Chat, Lens } from '../../src/lens/index' */

/** @type {Chat['messages']} */
const ASKED = [
  { role: 'system', content: '请简短回答。' },
  { role: 'user', content: '龘字怎么读？\r\n它是什么意思？' },
  { role: 'assistant', content: '<think>\n三个“龍”字。\n</think>\n\n读作“dá”，龙腾飞的样子。🐉' },
  { role: 'user', content: '鱻呢？' },
];

/** Without thinking, with it, and in the middle of a thought.
 *  @type {Chat[]} */
export const CHATS = [
  { messages: ASKED, thinking: false },
  { messages: ASKED, thinking: true },
  { messages: [...ASKED, { role: 'assistant', content: '<think>\n三条鱼，是“鱻' }], open: true, thinking: true },
];

/** Tokens that are generated behind the last one. */
const GENERATED = 3;

/** What the open page's lens makes of them. It runs the last one.
 *  @param {Page} page */
export const conversed = (page) =>
  page.evaluate(
    async ({ chats, maxTokens }) => {
      const lens = /** @type {Lens} */ (window.lenslet);
      const { vocabulary, templates, thinking } = lens.info;
      const read = [];
      for (const chat of chats) read.push(await lens.tokenize(chat));
      const last = chats[chats.length - 1];
      const trace = await lens.trace(last);
      const generated = [];
      for await (const { rows } of lens.generate(last, { maxTokens, temperature: 0 }))
        for (const row of rows) if (row) generated.push({ id: row.token, section: row.section ?? null });
      return { vocabulary, templates, thinking, read, traced: trace.tokens, generated };
    },
    { chats: CHATS, maxTokens: GENERATED },
  );
