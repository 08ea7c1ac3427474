import { expect, test } from 'vitest';
import { ANSWER, BEGIN, logged, loggedRow } from '../testing/log';
import { parseLog } from './file';
import { excerptOf, foundSample, marked, noFilters, searchLog, UNKNOWN, wordsOf } from './search';

const foreign = parseLog(new TextEncoder().encode(JSON.stringify(ANSWER)), 'np.json', BEGIN);
const low = logged(4, {
  samples: [{ text: 'Weak.', score: { cosine: 0.1, error: 1.8, relative: 2.2, fve: -1.2 }, done: 'stop' }],
  sha256: null,
  layer: 4,
});
const all = [low, logged(3), logged(2), loggedRow(1), ...foreign];
const ids = (typed: string, filters = {}) =>
  searchLog(all, typed, { ...noFilters, ...filters }).entries.map(({ id }) =>
    all.findIndex((entry) => entry.id === id),
  );

test('all words must be there, in the words of any sample or in what is shown of the text', () => {
  expect(ids('')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(ids('ENGLISH simply')).toEqual([1, 2]);
  // The second sample is the one that is shown, the first is searched too.
  expect(ids('before')).toEqual([1, 2]);
  expect(ids('nothing. old')).toEqual([0, 1, 2]);
  expect(ids('汉')).toEqual([1, 2]);
  expect(ids('3:405')).toEqual([3]);
  expect(ids('rabbit rhyme')).toEqual([5]);
  // Of what stands in the text but is not shown, nothing.
  expect(ids('spoke')).toEqual([]);
  // However letters and their marks were typed.
  const apart = logged(7, { samples: [{ text: 'A cafe\u0301.', score: null, done: 'stop' }] });
  for (const typed of ['café', 'CAFE\u0301'])
    expect(searchLog([apart, ...all], typed, noFilters).entries).toEqual([apart]);
  // No sign means more than itself.
  expect(ids('.*')).toEqual([]);
  expect(ids('(')).toEqual([]);
});

test('filters by score, site, source, model and run, and what each has under the others', () => {
  expect(ids('', { score: 'high' })).toEqual([1, 2, 4]);
  expect(ids('', { score: 'low' })).toEqual([0]);
  expect(ids('', { score: UNKNOWN })).toEqual([3, 6, 7]);
  expect(ids('', { source: 'selfie' })).toEqual([3]);
  expect(ids('', { site: '41' })).toEqual([4, 5, 6, 7]);
  expect(ids('', { run: 'run 1', site: '3' })).toEqual([1]);
  const { counts } = searchLog(all, '', { ...noFilters, site: '3' });
  // Its own filter hides nothing of a list, the others do.
  expect([...counts.site]).toEqual([
    ['4', 1],
    ['3', 3],
    ['41', 4],
  ]);
  expect([...counts.score]).toEqual([
    ['high', 2],
    [UNKNOWN, 1],
  ]);
  // The same name without its hash is not taken for the same model.
  expect(counts.model.size).toBe(1);
  expect(searchLog(all, '', noFilters).counts.model.size).toBe(3);
});

test('what is found is marked, and nothing of the text is lost', () => {
  const words = wordsOf('fire THE');
  expect(marked('The fire, there', words).map(({ text, hit }) => (hit ? `[${text}]` : text))).toEqual([
    '[The]',
    ' ',
    '[fire]',
    ', ',
    '[the]',
    're',
  ]);
  for (const typed of ['', 'a', '. ( [ \\ ^ $ | ? * + {', 'İ ß', '汉']) {
    for (const text of ['', 'a.b(c)[d]\\e^f$', 'İstanbul ẞ', '汉字'])
      expect(
        marked(text, wordsOf(typed))
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
  }
});

test('an excerpt begins where something was found, and else at the beginning', () => {
  const text = `${'Nothing of it here. '.repeat(20)}A fire burns.\n\nIt is out.`;
  expect(excerptOf(text, wordsOf('fire'))).toBe('…A fire burns. It is out.');
  expect(excerptOf(text, wordsOf('absent'))).toMatch(/^Nothing/);
  expect(excerptOf(text, [])).toMatch(/^Nothing/);
});

test('the sample that holds the words is shown, else the best', () => {
  expect(foundSample(logged(), [])).toBe(1);
  expect(foundSample(logged(), wordsOf('before'))).toBe(0);
  expect(foundSample(logged(), wordsOf('English'))).toBe(1);
});
