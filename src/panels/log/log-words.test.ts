import { expect, test } from 'vitest';
import { noFilters, searchLog, UNKNOWN } from '../../state/log/search';
import { BEGIN, HASH, logged, loggedRow } from '../../state/testing/log';
import { countsSay, mergedSays, optionsOf, removedSays, targetSays } from './log-words';

test('counts, an import and a deletion in words', () => {
  expect(countsSay(1, 1, 'kept')).toBe('1 row. On this machine only, in this browser.');
  expect(countsSay(1200, 7, 'tab')).toBe(
    '7 of 1,200 rows. Kept until this tab is closed: storage is closed here. Export keeps them.',
  );
  expect(countsSay(5000, 5000, 'kept')).toMatch(
    /^5,000 rows\. .+ Full: for each new row the oldest that is not pinned goes\.$/,
  );
  expect(mergedSays({ read: 3, fresh: 3, left: 0 })).toBe('3 rows read: 3 new.');
  expect(mergedSays({ read: 9, fresh: 4, left: 1 })).toBe(
    '9 rows read: 3 new, 5 here already, 1 left out, as the log holds 5,000 rows.',
  );
  expect(removedSays(1)).toBe('Deleted: 1 row.');
});

test('a target in words', () => {
  expect(targetSays(logged())).toBe('“fire” at position 6');
  expect(targetSays(loggedRow())).toBe('decoder row 3:405');
});

test('a filter offers what there is, with counts and what is chosen; runs of more than one row, by their time or file', () => {
  const all = [
    logged(5),
    logged(4),
    loggedRow(3),
    logged(0, { layer: null, model: null, sha256: null, source: null, origin: 'a.json' }),
  ];
  const options = (facet: 'score' | 'site' | 'source' | 'model' | 'run', filters = {}) => {
    const now = { ...noFilters, ...filters };
    return optionsOf(facet, all, searchLog(all, '', now).counts[facet], now[facet]).map(({ value, label }) => [
      value,
      label,
    ]);
  };
  expect(options('score')).toEqual([
    ['high', 'High (3)'],
    [UNKNOWN, 'No score (1)'],
  ]);
  expect(options('site')).toEqual([
    ['3', 'layer 3 (3)'],
    [UNKNOWN, 'layer not known (1)'],
  ]);
  expect(options('source').map(([, label]) => label)).toEqual(['source not known (1)', 'NLA (2)', 'SelfIE (1)']);
  expect(options('model').map(([, label]) => label)).toEqual(['model not known (1)', `mini, ${HASH.slice(0, 8)} (3)`]);
  expect(options('run').map(([value]) => value)).toEqual(['run 1']);
  expect(options('run')[0]![1]).toMatch(new RegExp(`${new Date(BEGIN).getFullYear()}.* \\(3\\)$`));
  expect(options('run', { run: 'run 0' })[1]).toEqual(['run 0', 'a.json (1)']);
  expect(options('site', { score: UNKNOWN, site: '7' })).toEqual([
    ['3', 'layer 3 (1)'],
    ['7', 'layer 7 (0)'],
  ]);
});
