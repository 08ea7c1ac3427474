import { expect, test } from 'vitest';
import { seeded } from '../../testing/fixtures';
import { randomPieces } from '../testing/random-pieces';
import { continuationOf } from './continuation';
import type { Readings } from './judge';
import { judgeOf } from './judge-of';
import type { Outcome } from './outcome';

const READINGS: Readings = {
  expect: '12',
  logProb: () => -1,
  logProbText: (text) => ({ sum: -text.length, tokens: text.length }),
  asked: () => ({ yes: -1, no: -2 }),
  matches: () => null,
  label: () => null,
};

const contains = (any: string[], fold: boolean, least = 1): Outcome => ({ type: 'contains', any, fold, least });
const script = (of: string, compare: '>' | '>=' | '<=', share: number, letters: number): Outcome => ({
  type: 'script',
  script: of,
  compare,
  share,
  letters,
});
const PLAIN: Outcome[] = [
  contains(['a'], true),
  contains(['a', 'x'], false, 2),
  contains(['e\u0301', '\u0301', 'カ', 'ガ', 'ᄀ', '가', 'σ', 'i'], true),
  contains(['\u0301', '\u0308', '\u1161', '\uff9e', 'ς', 'I', 'K', '\ufffd'], false),
  { type: 'contains', all: ['a', 'b'], fold: true, least: 1 },
  ...(['>', '>=', '<='] as const).flatMap((compare) =>
    [0, 0.5, 1].flatMap((share) => [script('Han', compare, share, 1), script('Latin', compare, share, 8)]),
  ),
  script('Hangul', '>=', 0, 0),
  { type: 'answer', pick: 'first-number', equals: 'expect' },
  { type: 'answer', pick: 'first-number', equals: '1' },
  { type: 'answer', pick: 'last-number', equals: '2' },
  { type: 'answer', pick: { after: '=' }, equals: '1.5' },
  { type: 'answer', pick: { after: '1' }, equals: '-3' },
  { type: 'json' },
  { type: 'verse' },
  { type: 'varied' },
  { type: 'length', min: 3, max: null },
  { type: 'length', min: 0, max: 6 },
  { type: 'starts', any: ['a', 'bc', '\u0301', 'ガ', '가', 'σ'], fold: true },
  { type: 'starts', any: ['x', 'A', 'カ', '[', 'ᄀ', '"'], fold: false },
  { type: 'ends', any: ['a', '。'], fold: true },
  { type: 'regex', pattern: '^a', flags: '' },
  { type: 'sheet', question: 'Is it so?' },
  { type: 'nextToken', tokens: ['a'], read: 'mass' },
  { type: 'nextToken', tokens: ['a'], read: 'logodds', against: ['b', 'c'] },
  { type: 'target', text: 'yes', against: 'no', per: 'total' },
  { type: 'asks', template: '{text}', yes: 'yes', no: 'no', least: 0.5 },
];

test('of 20,000 random texts no rule throws, and none decides early what it says otherwise of the whole', () => {
  const random = seeded(16);
  const any = () => PLAIN[Math.floor(random() * PLAIN.length)]!;
  const early = new Map<string, number>();
  for (let n = 0; n < 20_000; n++) {
    const pieces = randomPieces(random);
    const whole = { ...continuationOf(pieces), readings: READINGS };
    const outcomes: Outcome[] = [
      any(),
      any(),
      any(),
      { type: 'not', of: any() },
      { type: 'and', of: [any(), any()] },
      { type: 'or', of: [any(), { type: 'not', of: any() }] },
    ];
    const cuts = [random(), random(), random(), 1].map((share) => Math.round(share * pieces.length));
    const parts = cuts.map((cut) => ({ ...continuationOf(pieces.slice(0, cut)), readings: READINGS }));
    for (const outcome of outcomes) {
      const judge = judgeOf(outcome);
      const value = judge.judge(whole);
      if (value !== null && !(value >= 0 && value <= 1)) expect.fail(`${JSON.stringify(outcome)} says ${value}`);
      for (const part of parts) {
        const said = judge.decided(part);
        if (said !== null && said !== value)
          expect.fail(`${JSON.stringify([outcome, part.text, whole.text])}: ${said}, then ${value}`);
        if (said !== null && part !== parts[3]) early.set(outcome.type, (early.get(outcome.type) ?? 0) + 1);
      }
    }
  }
  // None of those that can decide early kept silent.
  const able = [
    'contains',
    'script',
    'answer',
    'json',
    'verse',
    'length',
    'starts',
    'nextToken',
    'target',
    'not',
    'and',
    'or',
  ];
  expect(able.filter((type) => !((early.get(type) ?? 0) > 5))).toEqual([]);
});
