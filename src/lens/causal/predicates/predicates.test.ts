import { createContext, Script } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { OutcomeError } from '../../api/errors';
import { continuationOf, type Piece } from './continuation';
import type { Readings } from './judge';
import { judgeOf } from './judge-of';
import { needsOf } from './needs';
import type { Outcome } from './outcome';

const said = (outcome: Outcome, text: string, readings: Readings = {}, tokens: number[] = []) =>
  judgeOf(outcome).judge({ text, tokens, readings });
const bytes = (...of: number[]) => Uint8Array.from(of);
const piece = (of: string | Uint8Array, special = false): Piece => ({
  id: 7,
  bytes: typeof of === 'string' ? new TextEncoder().encode(of) : of,
  special,
});

describe('a continuation', () => {
  const text = (...of: Piece[]) => continuationOf(of).text;

  test('leaves out special tokens, from the ids too', () => {
    expect(continuationOf([piece('a'), piece('<|im_end|>', true), piece('b')])).toEqual({ text: 'ab', tokens: [7, 7] });
  });

  test('leaves out an incomplete last character, whatever its length, and keeps U+FFFD before it', () => {
    expect(text(piece('a'), piece(bytes(0xe6, 0x98)))).toBe('a');
    expect(text(piece('a'), piece(bytes(0xf0, 0x9f, 0x98)))).toBe('a');
    expect(text(piece('a'), piece(bytes(0xc3)))).toBe('a');
    expect(text(piece('a'), piece(bytes(0xe6, 0x98)), piece('b'))).toBe('a\ufffdb');
    expect(text(piece('a\ufffd'))).toBe('a\ufffd');
    // No character begins so.
    expect(text(piece(bytes(0x61, 0xff)))).toBe('a\ufffd');
    expect(text(piece(bytes(0x61, 0xe0, 0x80)))).toBe('a\ufffd\ufffd');
  });

  test('joins characters over tokens, in NFC', () => {
    expect(text(piece(bytes(0xe6)), piece(bytes(0x98, 0xa5)))).toBe('春');
    expect(text(piece('e'), piece('\u0301'))).toBe('é');
  });
});

describe('rules on the text', () => {
  test('contains: any or all, case and width folded unless told, occurrences that do not overlap', () => {
    const contains = (more: object): Outcome => ({ type: 'contains', fold: true, least: 1, ...more });
    expect(said(contains({ any: ['YES'] }), 'oh ｙｅｓ')).toBe(1);
    expect(said(contains({ any: ['YES'], fold: false }), 'oh yes')).toBe(0);
    expect(said(contains({ all: ['a', 'b'] }), 'aa')).toBe(0);
    expect(said(contains({ all: ['a', 'b'] }), 'ba')).toBe(1);
    expect(said(contains({ any: ['aa'], least: 2 }), 'aaa')).toBe(0);
    expect(said(contains({ any: ['aa'], least: 2 }), 'aaaa')).toBe(1);
    expect(said(contains({ any: ['x'] }), '')).toBe(0);
    // The lower case of a sigma depends on what follows it.
    expect(said(contains({ any: ['ας'] }), 'ΑΣΑ')).toBe(1);
    expect(judgeOf(contains({ any: ['ας'] })).decided({ text: 'ΑΣΑ', tokens: [] })).toBe(1);
  });

  test('script: the share among the letters, undecided with too few of them', () => {
    const han: Outcome = { type: 'script', script: 'Han', share: 0.5, compare: '>', letters: 4 };
    expect(said(han, '春眠a')).toBe(null);
    expect(said(han, '春眠ab12,,')).toBe(0);
    expect(said(han, '春眠不a 12')).toBe(1);
    expect(said({ ...han, compare: '<=' }, '春眠ab')).toBe(1);
    expect(said({ ...han, compare: '>=' }, '春眠ab')).toBe(1);
    expect(said({ ...han, letters: 0 }, '12')).toBe(null);
  });

  test('answer: the number that is picked, as a canonical decimal', () => {
    const answer = (pick: 'first-number' | 'last-number' | { after: string }, equals: string, text: string) =>
      said({ type: 'answer', pick, equals }, text, { expect: '56' });
    expect(answer('first-number', 'expect', ' 56\n7 × 9 = 63')).toBe(1);
    expect(answer('last-number', 'expect', ' 56\n7 × 9 = 63')).toBe(0);
    expect(answer({ after: '=' }, 'expect', '3 × 4 = 56 = 7')).toBe(1);
    expect(answer({ after: '=' }, 'expect', '56')).toBe(null);
    expect(answer('last-number', 'expect', 'none')).toBe(null);
    expect(answer('first-number', '1234.5', 'It is 1,234.50.')).toBe(1);
    expect(answer('last-number', '3', '10-3')).toBe(1);
    expect(answer('last-number', '-3', 'minus: −03.0')).toBe(1);
    expect(answer('first-number', '0', '-0.000')).toBe(1);
    expect(answer('first-number', '1', '1,23')).toBe(1);
    // Beyond what a double holds.
    expect(answer('first-number', '90071992547409931', '90071992547409932')).toBe(0);
  });

  test('json: one object or list, and nothing beside it', () => {
    const json = (text: string) => said({ type: 'json' }, text);
    expect([' {"a": [1]}\n', '[]', '5', '"a"', '{"a": 1} so', '{a: 1}', ''].map(json)).toEqual([1, 1, 0, 0, 0, 0, 0]);
    expect(json('['.repeat(100_000))).toBe(0);
  });

  test('verse: as training/effects/test_effects.py has it', () => {
    const verse = (text: string) => said({ type: 'verse' }, text);
    expect(verse('山，春眠不觉晓，处处闻啼鸟。夜来风雨声，')).toBe(1);
    expect(verse('山，春眠不觉晓，处处闻啼鸟。夜来风雨声')).toBe(0); // the last clause is unfinished
    expect(verse('春眠不觉晓，处处闻啼鸟。夜来风雨声，')).toBe(0); // the first goes on with something unseen
    expect(verse('山，春眠不觉晓，处处闻啼鸟。春眠不觉晓，')).toBe(0); // not all different
    expect(verse('山，春眠不觉晓，今天，处处闻啼鸟。夜来风雨声，')).toBe(0); // not in a row
    expect(verse('山，春眠不觉\ufffd，处处闻啼鸟。夜来风雨声，')).toBe(1);
    expect(verse('山\x1c春眠不觉晓\u0085处处闻啼鸟\u2003夜来风雨声\n')).toBe(1);
    expect(verse('no Han at all, none, none, none')).toBe(null);
  });

  test('length and varied: of tokens', () => {
    const tokens = (outcome: Outcome, ...of: number[]) => said(outcome, '', {}, of);
    expect(tokens({ type: 'length', min: 2, max: 3 }, 1)).toBe(0);
    expect(tokens({ type: 'length', min: 2, max: 3 }, 1, 1)).toBe(1);
    expect(tokens({ type: 'length', min: 0, max: 3 }, 1, 1, 1, 1)).toBe(0);
    expect(tokens({ type: 'varied' }, 1, 2, 1, 2)).toBe(1);
    expect(tokens({ type: 'varied' }, 1, 2, 1, 2, 1)).toBe(0);
    expect(tokens({ type: 'varied' })).toBe(0);
  });

  test('starts and ends: white space at that end left out', () => {
    expect(said({ type: 'starts', any: ['yes'], fold: true }, '\n Yes.')).toBe(1);
    expect(said({ type: 'starts', any: ['yes'], fold: false }, 'Yes')).toBe(0);
    expect(said({ type: 'ends', any: ['no.', '。'], fold: true }, 'No. \n')).toBe(1);
    expect(said({ type: 'ends', any: ['no'], fold: true }, 'No.')).toBe(0);
  });
});

describe('rules on what was read beside the text', () => {
  const P: Record<string, number> = { a: 0.2, b: 0.3, c: 0.1, never: 0 };
  const readings: Readings = {
    expect: 'right',
    logProb: (token) => Math.log(P[token]!),
    logProbText: (text) => (text === 'right' ? { sum: -6, tokens: 6 } : { sum: -4, tokens: 2 }),
    asked: ({ yes }) => (yes === 'yes' ? { yes: Math.log(0.3), no: Math.log(0.1) } : { yes: -Infinity, no: -Infinity }),
    label: (question) => (question === 'Is it so?' ? 1 : null),
  };

  test('nextToken: probability mass, or the sign of log-odds', () => {
    const mass: Outcome = { type: 'nextToken', tokens: ['a', 'b', 'a'], read: 'mass' };
    expect(said(mass, '', readings)).toBeCloseTo(0.5, 12);
    const odds: Outcome = { type: 'nextToken', tokens: ['a', 'b'], read: 'logodds', against: ['c'] };
    expect(judgeOf(odds).score?.({ text: '', tokens: [], readings })).toBeCloseTo(Math.log(5), 12);
    expect(said(odds, '', readings)).toBe(1);
    expect(said({ ...odds, tokens: ['c'], against: ['a', 'b'] }, '', readings)).toBe(0);
    expect(said({ ...odds, tokens: ['never'], against: ['never'] }, '', readings)).toBe(0);
    expect(said({ ...mass, tokens: ['never'] }, '', readings)).toBe(0);
  });

  test('target: the sign of a difference of log-probabilities, in all or a token', () => {
    const target = { type: 'target', text: { expect: true }, against: 'wrong' } as const;
    expect(said({ ...target, per: 'token' }, '', readings)).toBe(1);
    expect(said({ ...target, per: 'total' }, '', readings)).toBe(0);
    expect(judgeOf({ ...target, per: 'total' }).score?.({ text: '', tokens: [], readings })).toBe(-2);
  });

  test('asks: the share of yes among both answers', () => {
    const asks = (yes: string, least: number) =>
      said({ type: 'asks', template: '{text}?', yes, no: 'no', least }, '', readings);
    expect([asks('yes', 0.74), asks('yes', 0.76), asks('never', 0.5), asks('never', 0.51)]).toEqual([1, 0, 1, 0]);
  });

  test('sheet: the label, undecided without one', () => {
    expect(said({ type: 'sheet', question: 'Is it so?' }, '', readings)).toBe(1);
    expect(said({ type: 'sheet', question: 'Is it not?' }, '', readings)).toBe(null);
  });

  test('regex: a search that is ended in time leaves it undecided, and the rule itself never searches', () => {
    const hostile: Outcome = { type: 'regex', pattern: '^(a+)+$', flags: '' };
    const text = `${'a'.repeat(60)}!`;
    const matches = (pattern: string, flags: string) => {
      const context = createContext({ pattern, flags, text });
      try {
        return new Script('new RegExp(pattern, flags).test(text)').runInContext(context, { timeout: 50 }) as boolean;
      } catch {
        return null;
      }
    };
    const before = performance.now();
    expect(said(hostile, text, { matches })).toBe(null);
    expect(performance.now() - before).toBeLessThan(5000);
    expect(said({ ...hostile, pattern: 'A+!$', flags: 'i' }, text, { matches })).toBe(1);
    expect(said({ ...hostile, pattern: '^!' }, text, { matches })).toBe(0);
    expect(judgeOf(hostile).decided({ text, tokens: [] })).toBe(null);
  });

  test('a reading that was not supplied is asked for by name', () => {
    const without: [Outcome, RegExp][] = [
      [{ type: 'regex', pattern: 'a', flags: '' }, /“regex” needs the search/],
      [{ type: 'nextToken', tokens: ['a'], read: 'mass' }, /“nextToken” needs the probabilities/],
      [{ type: 'target', text: 'a', against: 'b', per: 'total' }, /“target” needs the log-probabilities/],
      [{ type: 'asks', template: '{text}', yes: 'a', no: 'b', least: 0.5 }, /“asks” needs the unedited/],
      [{ type: 'sheet', question: 'a' }, /“sheet” needs the labels/],
      [{ type: 'answer', pick: 'first-number', equals: 'expect' }, /“answer” needs what the prompt expects/],
    ];
    for (const [outcome, message] of without) {
      expect(() => said(outcome, '1')).toThrow(OutcomeError);
      expect(() => said(outcome, '1')).toThrow(message);
    }
  });

  test('what an outcome needs is known before anything is run', () => {
    const next: Outcome = { type: 'nextToken', tokens: ['a', 5], read: 'logodds', against: ['b'] };
    expect(needsOf(next)).toMatchObject({ text: false, expect: false, tokens: ['a', 5, 'b'] });
    const target: Outcome = { type: 'target', text: { expect: true }, against: 'b', per: 'total' };
    expect(needsOf(target)).toMatchObject({ text: false, expect: true, targets: [{ expect: true }, 'b'] });
    const both: Outcome = { type: 'and', of: [next, { type: 'not', of: { type: 'sheet', question: 'q' } }] };
    expect(needsOf(both)).toMatchObject({ text: true, tokens: ['a', 5, 'b'], questions: ['q'] });
  });
});

describe('not, and, or', () => {
  const yes: Outcome = { type: 'length', min: 0, max: null };
  const no: Outcome = { type: 'length', min: 9, max: null };
  const open: Outcome = { type: 'verse' };
  const half: Outcome = { type: 'nextToken', tokens: ['a'], read: 'mass' };
  const of = (outcome: Outcome) => said(outcome, '', { logProb: () => Math.log(0.25) });

  test('are undecided only where an operand that matters is', () => {
    expect(of({ type: 'not', of: open })).toBe(null);
    expect(of({ type: 'not', of: yes })).toBe(0);
    expect(of({ type: 'and', of: [open, no] })).toBe(0);
    expect(of({ type: 'and', of: [yes, open] })).toBe(null);
    expect(of({ type: 'or', of: [open, yes] })).toBe(1);
    expect(of({ type: 'or', of: [no, open] })).toBe(null);
  });

  test('take 1 - x, the least and the largest of numbers', () => {
    expect(of({ type: 'not', of: half })).toBeCloseTo(0.75, 12);
    expect(of({ type: 'and', of: [yes, half] })).toBeCloseTo(0.25, 12);
    expect(of({ type: 'or', of: [no, half] })).toBeCloseTo(0.25, 12);
    expect(of({ type: 'or', of: [half, open] })).toBe(null);
  });
});
