import { describe, expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { ODD_TEXTS } from '../testing/texts';
import { decodeLink, encodeLink } from './link-codec';
import { LONGEST_PACKED, LONGEST_PROMPT } from './link-limit';
import { pack, unpackChat, unpackText } from './link-pack';
import { packing, unpacking } from './link-packed';

/** What a link brings of a text and a conversation, and how long it is. */
async function through(text: string, chat: Chat | null = null) {
  await packing({ text, chat });
  const hash = encodeLink({ prompt: text, chat: chat ?? undefined });
  const { prompt, chat: spelled, notices = [] } = decodeLink(hash);
  const whole = (await unpacking(hash)) ?? {};
  return {
    text: whole.text ?? prompt,
    chat: whole.chat ?? spelled,
    says: [...notices, ...(whole.says ?? [])],
    length: hash.length,
    letters: hash.split('&').map((part) => part[0]),
  };
}

test.each(ODD_TEXTS)('a link carries %s', async (_, text) => {
  const chat: Chat = { messages: [{ role: 'user', content: text }] };
  expect(await through(text, chat)).toMatchObject({ text, chat, says: [] });
  const long = text.repeat(Math.floor(LONGEST_PACKED / text.length));
  const talk: Chat = { messages: [{ role: 'user', content: long }] };
  expect(await through(long, talk)).toMatchObject({ text: long, chat: talk, says: [], letters: ['z', 'q'] });
});

test('20,000 characters of any kind fit, and English ones in about half as many', async () => {
  let seed = 7;
  const random = (most: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * most);
  };
  const han = Array.from({ length: LONGEST_PACKED }, () => String.fromCodePoint(0x4e00 + random(20_000))).join('');
  const hard = await through(han);
  expect(hard.text).toBe(han);
  expect(hard.length).toBeLessThanOrEqual(80_000);
  const words = 'the old man looked at a sea of glass and said nothing more about it that night'.split(' ');
  const prose = Array.from({ length: 6000 }, () => words[random(words.length)])
    .join(' ')
    .slice(0, LONGEST_PACKED);
  const easy = await through(prose);
  expect(easy.text).toBe(prose);
  expect(easy.length).toBeLessThan(LONGEST_PACKED / 2);
});

test('short texts are spelled out, as they were: nothing is packed', async () => {
  const text = 'a'.repeat(LONGEST_PROMPT);
  expect(packing({ text, chat: null })).toBeNull();
  expect((await through(text)).letters).toEqual(['p']);
  expect(unpacking('p=a&y=b&s=3')).toBeNull();
});

test('of what is longer a link carries the beginning, and says how much that is', async () => {
  const { text, says } = await through('ab🙂'.repeat(10_000));
  expect(text).toBe('ab🙂'.repeat(LONGEST_PACKED / 4));
  expect(says).toEqual(['The link carries the first 20,000 of the text’s 40,000 characters.']);
  const turn = { role: 'user', content: 'a'.repeat(6000) } as const;
  const talk = await through('', { messages: [turn, turn, turn, turn] });
  expect(talk.chat).toEqual({ messages: [turn, turn, turn] });
  expect(talk.says).toEqual(['The link carries the first 3 of the conversation’s 4 turns.']);
});

test('until it is packed a link spells out what it can', () => {
  const text = `new ${'word '.repeat(3000)}`;
  expect(encodeLink({ prompt: text })).toBe(encodeLink({ prompt: text.slice(0, LONGEST_PROMPT) }));
  expect(encodeLink({ prompt: 'not packed \ud83d' })).toBe('u=bm90IHBhY2tlZCDvv70');
});

test('what is at hand whole is not unpacked', async () => {
  expect(unpacking('#z=AAAA', { text: 'here' })).toBeNull();
  const packed = await pack('"there"');
  expect(await unpacking(`#s=3&z=${packed}`, { chat: { messages: [] } })).toEqual({
    text: 'there',
    chat: { messages: [] },
    says: [],
  });
});

describe('a link from anybody', () => {
  const damaged = 'The link’s text is damaged: what can be read is shown.';

  test('that breaks off gives its beginning, and says so', async () => {
    const text = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join('');
    const packed = await pack(JSON.stringify(text));
    for (const share of [0.2, 0.5, 0.9, 0.99]) {
      const read = await unpackText(packed.slice(0, Math.floor(packed.length * share)));
      expect(text.startsWith(read.text), `${share}`).toBe(true);
      expect(read.text.length, `${share}`).toBeGreaterThan((text.length * share) / 3);
      expect(read.says).toEqual([damaged]);
    }
    expect(await unpackText(`${packed.slice(0, 40)}!${packed.slice(40)}`)).toEqual({ text, says: [damaged] });
  });

  test('with escapes in capitals opens whole, and a length that is none is not told', async () => {
    expect(await unpackText(await pack('"a\\uD83Db"'))).toEqual({ text: 'a\ud83db', says: [] });
    expect(await unpackText(await pack('["abc",1e300]'))).toEqual({ text: 'abc', says: [] });
  });

  test('unpacks no more than a link can hold', async () => {
    const bomb = await pack(JSON.stringify('a'.repeat(2_000_000)));
    expect(bomb.length).toBeLessThan(5000);
    const { text, says } = await unpackText(bomb);
    expect(text.length).toBe(LONGEST_PACKED);
    expect(says[0]).toBe(damaged);
    expect(await unpackChat(await pack(`{"m":[["u","${'a'.repeat(2_000_000)}"]]}`))).toEqual({
      says: ['The link’s conversation is damaged: it is left out.'],
    });
  });

  test.each(['null', '7', '{}', '[]', '[7]', '', '['.repeat(100_000), '{"m":[["u",7]]}'])(
    '%.20s is no text',
    async (json) => {
      expect(await unpackText(await pack(json))).toEqual({
        text: '',
        says: ['The link’s text is damaged: nothing of it can be read.'],
      });
      expect((await unpackChat(await pack(json))).chat).toBeUndefined();
    },
  );

  test('hundreds of damaged ones: none is silently another text', async () => {
    const packed = await pack(JSON.stringify('The old man. 子曰。'.repeat(20)));
    let seed = 1;
    const random = (most: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % most;
    };
    for (let i = 0; i < 400; i++) {
      const signs = [...packed];
      for (let n = 0; n <= random(3); n++) signs[random(signs.length)] = 'AZaz09-_%='[random(10)]!;
      const cut = signs.slice(0, random(2) ? signs.length : random(signs.length)).join('');
      const { text, says } = await unpackText(cut);
      expect(text.length).toBeLessThanOrEqual(LONGEST_PACKED);
      expect(says.length > 0 || text === 'The old man. 子曰。'.repeat(20), cut).toBe(true);
    }
  });
});

test('links that were packed keep opening', async () => {
  const link = (hash: string) => unpacking(hash);
  expect(await link('#z=eJxTykjMSVOIKU2xME7RUUjNSymOKYrJUwIAWSAHkg&s=3')).toEqual({
    text: 'half \ud83d, ends\r\n',
    says: [],
  });
  expect(await link('#z=eJyLVkpKTS_NU9IxMjUwMIgFACRZBDE')).toEqual({
    text: 'begun',
    says: ['The link carries the first 5 of the text’s 25,000 characters.'],
  });
  const chat =
    'eJwdxzEKgDAMQNGryJ-D4KRkdPIOIYNCCwW1YOsk3l3s9t7DgZpREObQbVcKscfFuBGW1Lj-DLgLGR2EhNookwu1_USpOe-F9wNszBVo';
  expect(await link(`p=a&q=${chat}`)).toEqual({
    chat: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'He' },
      ],
      open: true,
      ids: [7, 8],
      thinking: true,
      template: 'tools',
    },
    says: [],
  });
});
