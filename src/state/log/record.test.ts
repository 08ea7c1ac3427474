import { expect, test } from 'vitest';
import { logged, loggedRow } from '../testing/log';
import { aroundOf, entryOf, type LogEntry, newestFirst, notAhead, recordOf, shownSample, withinRoom } from './record';

const ids = (entries: readonly LogEntry[]) => entries.map(({ id }) => id);
const place = (text: string, from: number, to: number) =>
  aroundOf({
    target: {
      kind: 'token',
      position: 0,
      tokenId: null,
      token: text.slice(from, to),
      text,
      whole: true,
      span: [from, to],
      norm: null,
    },
  });

test('a record is kept and given back as it was; numbers that are none are not known', () => {
  const record = recordOf(logged());
  expect(recordOf(entryOf(record, 5))).toEqual(record);
  expect(entryOf(record, 5)).toMatchObject({ added: 5, pinned: false });
  const broken = entryOf(
    {
      ...record,
      samples: [
        {
          text: 'x',
          score: { cosine: Number.NaN, error: 1, relative: Number.POSITIVE_INFINITY, fve: null },
          done: null,
        },
      ],
    },
    5,
  );
  expect(broken.samples[0]!.score).toEqual({ cosine: null, error: 1, relative: null, fve: null });
  const { controls } = record;
  expect(
    entryOf({ ...record, controls: { ...controls!, empty: { ...controls!.empty, cosine: Number.NaN } } }, 5).controls,
  ).toBeNull();
});

test('a score that is known in part is none for the words column, and stands for no sample', () => {
  const half = logged(0, {
    samples: [
      ...logged().samples,
      { text: 'x', score: { cosine: null, error: 0.1, relative: null, fve: null }, done: null },
    ],
  });
  expect(recordOf(half).samples[2]!.score).toBeNull();
  expect(shownSample(half)).toBe(1);
});

test('newest first; of one moment by place in the text, whatever order they came in', () => {
  const at = (position: number) =>
    logged(5, { id: `p${position}`, target: { ...logged().target, position } as LogEntry['target'] });
  const foreign = logged(0, { id: 'f', when: null, added: logged(9).when! });
  expect(ids([at(11), logged(1), at(2), logged(6), foreign].sort(newestFirst))).toEqual([
    'f',
    'id 6',
    'p2',
    'p11',
    'id 1',
  ]);
});

test('the oldest go first, those that are pinned only where nothing else is left', () => {
  const all = [5, 4, 3, 2, 1, 0].map((i) => logged(i, { pinned: i < 2 }));
  expect(ids(withinRoom(all, 6))).toEqual(ids(all));
  expect(ids(withinRoom(all, 4))).toEqual(['id 5', 'id 4', 'id 1', 'id 0']);
  expect(ids(withinRoom(all, 1))).toEqual(['id 1']);
  // A log that is full of pins takes in nothing more.
  const pins = [3, 2].map((i) => logged(i, { pinned: true }));
  expect(ids(withinRoom([logged(9), ...pins], 2))).toEqual(['id 3', 'id 2']);
});

test('a time that has not come is now', () => {
  const late = logged(0, { when: 500, added: 600 });
  expect(notAhead(late, 100)).toMatchObject({ when: 100, added: 100 });
  expect(notAhead(late, 600)).toBe(late);
});

test('a token stands in some words of its text', () => {
  expect(aroundOf(logged())).toEqual({
    before: 'The old man looked at the',
    token: ' fire',
    after: ' and said nothing.…',
  });
  const long = `${'word '.repeat(40)}HERE${' next'.repeat(40)}`;
  const around = place(long, 200, 204)!;
  expect(around.token).toBe('HERE');
  expect(around.before).toMatch(/^…word( word)* $/);
  expect(around.after).toMatch(/^( next)+…$/);
  expect(around.before.length).toBeLessThanOrEqual(49);
  expect(around.after.length).toBeLessThanOrEqual(25);
  expect(aroundOf(loggedRow())).toBeNull();
  expect(aroundOf({ target: { ...logged().target, text: null, span: null } as LogEntry['target'] })).toEqual({
    before: '',
    token: ' fire',
    after: '',
  });
});

test('a text without spaces is cut between characters, never within one', () => {
  for (let shift = 0; shift < 2; shift++) {
    const text = `${'汉'.repeat(shift)}${'😀'.repeat(40)}火${'😀'.repeat(40)}`;
    const { before, after } = place(text, 80 + shift, 81 + shift)!;
    expect(before).not.toMatch(/\p{Surrogate}/u);
    expect(after).not.toMatch(/\p{Surrogate}/u);
    expect(before).toMatch(/^…(😀)+$/u);
    expect(after).toMatch(/^(😀)+…$/u);
  }
});
