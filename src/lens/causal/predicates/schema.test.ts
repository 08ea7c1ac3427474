import { expect, test } from 'vitest';
import { CorruptFileError } from '../../api/errors';
import { read } from '../../exchange/schemas';
import { judgeOf } from './judge-of';
import { outcomeSchema } from './schema';

const parsed = (value: unknown) => read(outcomeSchema, value, 'An outcome');
const nested = (depth: number): unknown => (depth === 0 ? { type: 'json' } : { type: 'not', of: nested(depth - 1) });

test('defaults are filled in, and every type that is read has a judge', () => {
  expect(parsed({ type: 'contains', any: ['a'] })).toEqual({ type: 'contains', any: ['a'], fold: true, least: 1 });
  expect(parsed({ type: 'regex', pattern: 'a', flags: 'si' })).toEqual({ type: 'regex', pattern: 'a', flags: 'is' });
  const all: unknown[] = [
    { type: 'contains', all: ['a'], fold: false, least: 2 },
    { type: 'regex', pattern: 'a|b' },
    { type: 'script', script: 'Han', share: 0, compare: '>' },
    { type: 'answer', pick: { after: '=' }, equals: '1,200' },
    { type: 'json' },
    { type: 'verse' },
    { type: 'varied' },
    { type: 'length', max: 5 },
    { type: 'starts', any: ['a'] },
    { type: 'ends', any: ['a'] },
    { type: 'nextToken', tokens: [' yes', 3], read: 'mass' },
    { type: 'target', text: { expect: true }, against: 'no' },
    { type: 'asks', template: 'Is this English? {text}', yes: 'yes', no: 'no' },
    { type: 'sheet', question: 'Is this English?' },
    { type: 'and', of: [{ type: 'not', of: { type: 'json' } }] },
    { type: 'or', of: [{ type: 'json' }] },
  ];
  for (const one of all) {
    expect(judgeOf(parsed(one))).toHaveProperty('decided');
    // A second reading changes nothing.
    expect(parsed(JSON.parse(JSON.stringify(parsed(one))))).toEqual(parsed(one));
  }
});

test('features is read and refused by its name', () => {
  expect(() => parsed({ type: 'features', classifier: {} })).toThrow(/“features” needs a classifier/);
  expect(() => parsed({ type: 'not', of: { type: 'features' } })).toThrow(/“features” needs a classifier/);
});

test('what is not as written here is refused by the key', () => {
  const refused: [unknown, RegExp][] = [
    [null, /JSON object/],
    [[], /JSON object/],
    [{ type: 'constructor' }, /"type" must be one of/],
    [{ type: 'json', strict: true }, /has the key "strict"/],
    [{ type: 'contains' }, /"any" must be there, or "all"/],
    [{ type: 'contains', any: ['a'], all: ['b'] }, /"any" must be there, or "all"/],
    [{ type: 'contains', any: [] }, /"any" must hold at least one text/],
    [{ type: 'contains', any: Array(101).fill('a') }, /"any" must be a list of at most 100/],
    [{ type: 'regex', pattern: '(' }, /"pattern" must be a regular expression/],
    [{ type: 'regex', pattern: 'a', flags: 'g' }, /"flags" must be of i, m, s and u/],
    [{ type: 'regex', pattern: 'a', flags: 'ii' }, /"flags" must be of i, m, s and u/],
    [{ type: 'regex', pattern: 'a'.repeat(1001) }, /"pattern" must be a text of 1 to 1000/],
    [{ type: 'script', script: 'Elvish', share: 0, compare: '>' }, /"script" must be a script of Unicode/],
    [{ type: 'script', script: 'Han}|.*', share: 0, compare: '>' }, /"script" must be a script of Unicode/],
    [{ type: 'script', script: 'Han', share: 2, compare: '>' }, /"share" must be a number from 0 to 1/],
    [{ type: 'answer', pick: 'best', equals: '1' }, /"pick" must be first-number/],
    [{ type: 'answer', pick: 'last-number', equals: 'one' }, /"equals" must be expect, or a number/],
    [{ type: 'length', min: 5, max: 4 }, /"max" must not be below/],
    [{ type: 'starts', any: [' \n'] }, /"any" must hold texts that are more than white space/],
    [{ type: 'nextToken', tokens: [], read: 'mass' }, /"tokens" must hold at least one/],
    [{ type: 'nextToken', tokens: [1], read: 'logodds' }, /"against" must be there for logodds/],
    [{ type: 'target', text: { expect: false }, against: 'a' }, /"expect" must be true/],
    [{ type: 'asks', template: 'Is it?', yes: 'a', no: 'b' }, /"template" must hold \{text\} once/],
    [{ type: 'and', of: [] }, /"of" must hold at least one outcome/],
    [{ type: 'sheet', question: '\ud800' }, /"question" must be Unicode/],
    [nested(7), /more than 6 deep/],
    [nested(3000), /more than 6 deep/],
  ];
  for (const [value, message] of refused) {
    expect(() => parsed(value)).toThrow(message);
    expect(() => parsed(value)).toThrow(CorruptFileError);
  }
  expect(parsed(nested(5))).toEqual(nested(5));
});
