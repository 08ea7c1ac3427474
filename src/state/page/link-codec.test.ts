import { expect, test } from 'vitest';
import { defaultSampling } from '../base/sampling';
import type { EditRow } from '../steering/edits';
import { decodeLink, encodeLink, type Link } from './link-codec';

const row = (part: Partial<EditRow>): EditRow => ({
  key: 1,
  layer: 3,
  feature: 1933,
  mode: 'add',
  strength: 1,
  unit: 'raw',
  where: 'all',
  on: 'active',
  enabled: true,
  ...part,
});

test('a full view comes back as it was', () => {
  const link: Link = {
    prompt: 'Line one\n\tline & two = 100 % + #hash 床前明月光 🙂',
    site: 4,
    token: 7,
    anchor: 3,
    feature: 1731,
    colour: 'fvu',
    scale: 'prompt',
    rank: 'raw',
    over: 'mean',
    dense: true,
    first: true,
    template: true,
    scope: 'turn2.answer',
    rows: [
      row({ strength: -14.000123, unit: 'max' }),
      row({
        key: 2,
        layer: 4,
        feature: 0,
        mode: 'ablate',
        strength: 0.5,
        where: 'generated',
        on: 'preactivation',
        enabled: false,
      }),
      row({ key: 3, mode: 'clamp', strength: 2e-30, unit: 'norm', where: [7, 8], on: 'everywhere' }),
      row({ key: 4, mode: 'scale', strength: 0, where: 'prompt' }),
    ],
    sampling: { temperature: 0, topP: 0.9, seed: 4294967295, maxTokens: 12 },
    control: false,
    draw: 3,
  };
  expect(decodeLink(`#${encodeLink(link)}`)).toEqual(link);
});

test('links are short: defaults are left out, Chinese is packed', () => {
  expect(
    encodeLink({
      prompt: 'The old man looked at the',
      site: 3,
      rows: [row({})],
      sampling: defaultSampling,
      control: true,
      draw: 1,
      colour: 'feature',
    }),
  ).toBe('p=The+old+man+looked+at+the&s=3&e=3:1933a1r');
  const poem = '床前明月光，疑是地上霜。';
  expect(encodeLink({ prompt: poem }).length).toBeLessThan(encodeURIComponent(poem).length / 2);
  expect(decodeLink(encodeLink({ prompt: poem })).prompt).toBe(poem);
});

test('the same link is the same text, whichever way it was made', () => {
  const once = encodeLink({ prompt: 'a b', token: 2, rows: [row({})] });
  expect(encodeLink(decodeLink(once))).toBe(once);
});

test('positions of an edit: those that follow one another are a span, and a link carries 256 of them', () => {
  const link = (where: number[]): Link => ({ rows: [row({ where })] });
  const every = (n: number, step = 1) => Array.from({ length: n }, (_, i) => i * step);
  expect(encodeLink(link([3, 4, 5, 9, 12, 13, 5]))).toBe('e=3:1933a1r@3-5.9.12-13.5');
  for (const where of [[0], [3, 4, 5, 9, 12, 13, 5], every(256), every(256, 2)])
    expect(decodeLink(encodeLink(link(where)))).toEqual(link(where));
  const unread = '1 edit of the link left out: not readable.';
  for (const bad of ['0-256', '0-999999', '5-3', '1-2-3', '1..2', '-1', `${every(257, 2).join('.')}`, '0-199.0-199'])
    expect(decodeLink(`e=3:1a1@${bad}`)).toEqual({ notices: [unread] });
});

test('hostile input is left out, never thrown', () => {
  const bad = [
    '#s=-1&t=1e9&f=1.5',
    '#e=3:1a1e39',
    '#e=3:1a1;DROP,__proto__,3:1q1',
    '#g=,,,',
    '#g=NaN,Infinity,x,y',
    '#constructor=1&__proto__=2&toString=3',
    '#c=<img src=x>',
    '#i=<b>&i=nobody&i=',
    '#=&==&&&',
  ];
  for (const hash of bad) {
    const link = decodeLink(hash);
    expect(link.rows ?? []).toEqual([]);
    expect(
      [link.prompt, link.site, link.token, link.feature, link.colour, link.scope].every((v) => v === undefined),
    ).toBe(true);
    expect(link.sampling ?? defaultSampling).toEqual(defaultSampling);
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('of a damaged text what can be read is kept, and said; a text that is there is never absent', () => {
  expect(decodeLink('#p=a%E0%A4%Az')).toEqual({
    prompt: 'a\uFFFD%Az',
    notices: ['The link’s text is damaged: what can be read is shown.'],
  });
  expect(decodeLink('#p=100% sure+%26+so')).toMatchObject({
    prompt: '100% sure & so',
    notices: [expect.stringContaining('damaged')],
  });
  expect(decodeLink('#u=%%%')).toEqual({
    prompt: '',
    notices: ['The link’s text is damaged: nothing of it can be read.'],
  });
  const packed = encodeLink({ prompt: '床前明月光，疑是地上霜。' });
  expect(packed).toMatch(/^u=/);
  expect(decodeLink(packed.slice(0, -3))).toMatchObject({
    prompt: expect.stringMatching(/^床前明月光，疑是地上霜/),
    notices: [expect.any(String)],
  });
  expect(decodeLink('#p=')).toEqual({ prompt: '' });
  expect(decodeLink('#s=3').prompt).toBeUndefined();
});

test('edits that cannot be read are counted', () => {
  expect(decodeLink('#e=3:1a1,junk,3:1q1')).toMatchObject({
    rows: [{ feature: 1 }],
    notices: ['2 edits of the link left out: not readable.'],
  });
  expect(decodeLink('#e=junk')).toEqual({ notices: ['1 edit of the link left out: not readable.'] });
  expect(decodeLink(`#e=${Array(20).fill('3:1a1').join(',')}`).notices).toEqual([
    'The link has 20 edits: the first 16 are taken.',
  ]);
  expect(decodeLink('#e=3:1a1,3:2a1').notices).toBeUndefined();
});

test('a clamp of an earlier link acts where the feature is active, and at 0 is off; one of today acts everywhere', () => {
  const rows = (e: string) =>
    decodeLink(`#e=${e}`).rows!.map(({ mode, strength, on, enabled }) => [mode, strength, on, enabled]);
  expect(rows('3:1c1,3:1c1z,3:1c0,3:1c0gz,3:1c0.5x')).toEqual([
    ['clamp', 1, 'active', true],
    ['clamp', 1, 'preactivation', true],
    ['clamp', 0, 'active', false],
    ['clamp', 0, 'preactivation', false],
    ['clamp', 0.5, 'active', false],
  ]);
  const today = '3:1t1,3:1t0,3:1t0n,3:1t0pz,3:1t0@3x';
  expect(rows(today)).toEqual([
    ['clamp', 1, 'everywhere', true],
    ['clamp', 0, 'everywhere', true],
    ['clamp', 0, 'active', true],
    ['clamp', 0, 'preactivation', true],
    ['clamp', 0, 'everywhere', false],
  ]);
  expect(encodeLink({ rows: decodeLink(`#e=${today}`).rows })).toBe(`e=${today}`);
});

test('numbers are brought into range, long lists and texts are cut', () => {
  expect(decodeLink('#e=3:1a99,3:1s-10,3:1k2').rows!.map(({ strength }) => strength)).toEqual([99, -10, 2]);
  expect(decodeLink('#g=99,9,1e99,0').sampling).toEqual({ temperature: 5, topP: 1, seed: 0xffffffff, maxTokens: 1 });
  expect(decodeLink(`#e=${Array(100).fill('3:1a1').join(',')}`).rows!.length).toBe(16);
  const long = decodeLink(`#p=${'a'.repeat(50_000)}`);
  expect(long.prompt!.length).toBe(20_000);
  expect(long.notices).toEqual(['The link’s text was cut to its first 20,000 characters.']);
  // Not in the middle of a sign that takes two.
  const pair = `${'a'.repeat(7999)}😀`;
  expect(decodeLink(encodeLink({ prompt: pair })).prompt).toBe('a'.repeat(7999));
  const all = 'a'.repeat(19_999);
  expect(decodeLink(`p=${encodeURIComponent(`${all}😀`)}`).prompt).toBe(all);
});

test('a lone surrogate becomes the replacement character instead of an exception', () => {
  expect(decodeLink(encodeLink({ prompt: 'a\uD800b' })).prompt).toBe('a\uFFFDb');
});

test('stop sequences and repetition penalty stand at the end of the sampling, and a link without them is as it was', () => {
  const sampling = { ...defaultSampling, repetitionPenalty: 1.25, stop: ['\n\n', 'a, b & c+d=#%', '。', ' end '] };
  const hash = encodeLink({ sampling });
  expect(hash).toBe('g=0.7,0.95,16,48,1.25,%0A%0A,a%2C+b+%26+c%2Bd%3D%23%25,%E3%80%82,+end+');
  expect(decodeLink(hash)).toEqual({ sampling });
  const alone = { ...defaultSampling, stop: ['x'] };
  expect(encodeLink({ sampling: alone })).toBe('g=0.7,0.95,16,48,1,x');
  expect(decodeLink('g=0.7,0.95,16,48,1,x')).toEqual({ sampling: alone });
  expect(encodeLink({ sampling: { ...defaultSampling, seed: 3 } })).toBe('g=0.7,0.95,3,48');
  expect(encodeLink({ sampling: { ...defaultSampling, repetitionPenalty: 0.9 } })).toBe('g=0.7,0.95,16,48,0.9');
  expect(decodeLink('g=0,0.9,7,12').sampling).toEqual({ temperature: 0, topP: 0.9, seed: 7, maxTokens: 12 });
});

test('hostile stop sequences and penalties are left out or brought into range, and what is lost is said', () => {
  expect(decodeLink('g=1,1,1,1,99').sampling!.repetitionPenalty).toBe(2);
  expect(decodeLink('g=1,1,1,1,x,a')).toEqual({
    sampling: { temperature: 1, topP: 1, seed: 1, maxTokens: 1, stop: ['a'] },
  });
  const unread = (n: string) => ({ notices: [`${n} of the link left out: not readable.`] });
  for (const bad of ['', '%', '%E0%A4', 'a'.repeat(201), '%41'.repeat(5000)])
    expect(decodeLink(`g=1,1,1,1,1,${bad}`)).toEqual({
      sampling: { temperature: 1, topP: 1, seed: 1, maxTokens: 1 },
      ...unread('1 stop sequence'),
    });
  expect(decodeLink('g=1,1,1,1,1,,b,%')).toMatchObject({ sampling: { stop: ['b'] }, ...unread('2 stop sequences') });
  const many = decodeLink(`g=1,1,1,1,1,${Array.from({ length: 20 }, (_, i) => `s${i}`)}`);
  expect(many.sampling!.stop).toHaveLength(16);
  expect(many.notices).toEqual(['The link has 20 stop sequences: the first 16 are taken.']);
  expect(decodeLink(encodeLink({ sampling: { ...defaultSampling, stop: ['a\uD800'] } })).sampling!.stop).toEqual([
    'a\uFFFD',
  ]);
});

test('of a damaged conversation what can be read is kept, and said', () => {
  const bytes = new TextEncoder().encode('{"m":[["u","a\u00e9b"]]}');
  const packed = (some: Uint8Array) => `#y=${Buffer.from(some).toString('base64url')}`;
  expect(decodeLink(packed(bytes))).toEqual({ chat: { messages: [{ role: 'user', content: 'aéb' }] } });
  expect(decodeLink(packed(bytes.with(bytes.indexOf(0xc3), 0xff)))).toEqual({
    chat: { messages: [{ role: 'user', content: 'a\ufffd\ufffdb' }] },
    notices: ['The link’s conversation is damaged: what can be read is shown.'],
  });
});

test('a scope is read in its canonical spelling, and all of a text is none', () => {
  expect(decodeLink('#i=all')).toEqual({});
  expect(decodeLink('#i=text.assistant')).toEqual({ scope: 'assistant.text' });
});
