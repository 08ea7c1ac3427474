import { describe, expect, it } from 'vitest';
import type { SiteLabels } from '../../lens/api/feature';
import { UNSTATED } from '../../lens/api/site';
import { type Extra, type Found, type SearchOptions, type SearchSite, search } from './search';

interface Feature {
  label?: string;
  precision?: number;
  recall?: number;
  density?: number;
  promotes?: string[];
}

const PER = 3;
/** One vocabulary for all sites. */
const WORDS = [' king', 'king', ' queen', ' kings', '的', '的话', '\n', ' ', 'King', ' crown', '7'];

function site(layer: number, features: Feature[]): SearchSite {
  const numbers = (of: (f: Feature) => number) => Float32Array.from(features, of);
  const ids = Uint32Array.from(
    features.flatMap(({ promotes = [] }) =>
      Array.from({ length: PER }, (_, i) => WORDS.indexOf(promotes[i] ?? ' crown')),
    ),
  );
  const density = numbers((f) => f.density ?? 0.01);
  const labels: SiteLabels = {
    layer,
    labels: features.map(({ label }) => label ?? null),
    precision: numbers((f) => f.precision ?? 0),
    recall: numbers((f) => f.recall ?? 0),
    density: { written: density, heldOut: density },
    promoted: { per: PER, ids, tokens: Object.fromEntries(WORDS.map((word, id) => [id, word])) },
  };
  return { site: { layer, width: features.length, k: 1, activation: 'topk', about: UNSTATED, density }, labels };
}

const far: Feature = { label: 'numbers after “+”' };
const filler = (n: number): Feature[] => Array.from({ length: n }, () => far);

const sites = [
  site(0, [
    { label: 'Han characters in classical poems', precision: 0.53 },
    { promotes: [' crown', '的'] },
    { label: 'digits', promotes: ['的'] },
    ...filler(200),
  ]),
  site(2, [
    { label: 'Han characters in English–Chinese pairs', precision: 0.99 },
    { label: '“的”, “了”', precision: 0.4 },
    { label: '“hand”, “car”', precision: 1 },
    { label: 'after “than”', precision: 1 },
    { label: 'first Han lines', precision: 1 },
    { promotes: [' queen', ' king'] },
    { promotes: ['king'] },
    { promotes: [' kings', ' queen', 'King'] },
    { label: 'king dense', density: 0.9 },
    ...filler(200),
  ]),
];

const find = (typed: string, options: Partial<SearchOptions> = {}): Found =>
  search(sites, typed, { here: 2, dense: false, ...options });
const names = ({ hits }: Found) => hits.map(({ layer, id }) => `${layer}:${id}`);

describe('search', () => {
  it('finds labels by all words: at the start, then as words, then as beginnings, then inside; equals by precision', () => {
    expect(names(find('han'))).toEqual(['2:0', '0:0', '2:2', '2:4', '2:3']);
    expect(names(find('HAN  pairs'))).toEqual(['2:0']);
    expect(names(find('pairs han'))).toEqual(['2:0']);
    expect(names(find('han pears'))).toEqual([]);
  });

  it('finds promoted tokens: the very token, then without case and spaces, then what begins with it; by rank, and says which', () => {
    const found = find('king', { dense: true });
    expect(names(found)).toEqual(['2:8', '2:6', '2:5', '2:7']);
    expect(found.hits.map(({ token }) => token)).toEqual([
      { text: ' crown', rank: 1, asked: false },
      { text: 'king', rank: 1, asked: true },
      { text: ' king', rank: 2, asked: true },
      { text: 'King', rank: 3, asked: true },
    ]);
    expect(names(find(' king'))[0]).toBe('2:5');
    expect(
      find('的')
        .hits.slice(0, 3)
        .map(({ layer, id, token }) => [layer, id, token?.rank]),
    ).toEqual([
      [2, 1, 1],
      [0, 2, 1],
      [0, 1, 2],
    ]);
  });

  it('finds by id: one feature, or that id at every site with the one on show first; and all of a site', () => {
    expect(names(find('2:5'))).toEqual(['2:5']);
    expect(names(find('#1'))).toEqual(['2:1', '0:1']);
    expect(names(find('#1', { here: 0 }))).toEqual(['0:1', '2:1']);
    expect(find('layer 0').total).toBe(203);
    expect(names(find('layer 0 han'))).toEqual(['0:0']);
    expect(find('2:209').total).toBe(0);
    expect(find('5:1').total).toBe(0);
  });

  it('hides what is dense, counts it, shows it on demand, and always where its id is asked for', () => {
    expect(find('king')).toMatchObject({ hidden: 1, total: 3 });
    expect(find('king', { dense: true })).toMatchObject({ hidden: 0, total: 4 });
    expect(find('2:8').hits[0]).toMatchObject({ id: 8, dense: true });
    // 10 k / width: at k 1 and 209 features the threshold is 10 %, at 20 features it is 50 %.
    const small = [site(4, [{ label: 'one', density: 0.4 }, ...filler(19)])];
    expect(search(small, 'one', { here: 4, dense: false })).toMatchObject({ total: 1, hidden: 0 });
  });

  it('hides by the dictionary’s own densities where the labels bring none', () => {
    const { site: own, labels } = site(2, [{ label: 'one', density: 0.9 }, ...filler(199)]);
    const none = new Float32Array(200).fill(Number.NaN);
    const imported = [{ site: own, labels: { ...labels!, density: { written: none, heldOut: none } } }];
    expect(search(imported, 'one', { here: 2, dense: false })).toMatchObject({ total: 0, hidden: 1 });
  });

  it('takes a Han character also as a question for features of Han characters', () => {
    expect(names(find('汉'))).toEqual(['2:4', '2:0', '0:0']);
    expect(find('漢 x').total).toBe(3);
  });

  it('finds own names, notes and effects like labels, and says which', () => {
    const extra: Extra[] = [
      { layer: 2, id: 100, text: 'Coronation, looks royal', kind: 'note' },
      { layer: 2, id: 5, text: 'Royalty', kind: 'name' },
      { layer: 9, id: 1, text: 'Royal of no site', kind: 'name' },
    ];
    const found = find('royal', { extra });
    expect(names(found)).toEqual(['2:5', '2:100']);
    expect(found.hits[1]).toMatchObject({ label: far.label, said: extra[0] });
  });

  it('lists, for an empty line, what has a measured effect, and this site’s labels by precision and recall, each once', () => {
    const b = { label: 'b', precision: 0.8 };
    const here = [
      site(2, [
        { label: 'a', precision: 0.9, recall: 0.2 },
        { ...b, recall: 0.8 },
        {},
        { promotes: [' king'] },
        { ...b, recall: 0.7 },
      ]),
    ];
    const extra: Extra[] = [{ layer: 2, id: 3, text: 'Crowns', kind: 'effect' }];
    expect(names(search(here, '  ', { here: 2, dense: false, extra }))).toEqual(['2:3', '2:1', '2:0']);
    expect(names(search(here, '', { here: 0, dense: false }))).toEqual([]);
  });

  it('gives the best fifty and says how many there are', () => {
    const found = find('numbers');
    expect(found.hits).toHaveLength(50);
    expect(found.total).toBe(400);
    expect(found.hits[0]!.layer).toBe(2);
  });

  it('finds ids alone where nothing names the features', () => {
    const bare: SearchSite[] = [
      { site: { layer: 1, width: 8, k: 1, activation: 'topk', about: UNSTATED, density: null }, labels: null },
    ];
    const at = { here: 1, dense: false };
    expect(names(search(bare, '1:7', at))).toEqual(['1:7']);
    expect(search(bare, '1:7', at).hits[0]).toMatchObject({
      label: null,
      precision: null,
      density: null,
      dense: false,
      token: null,
    });
    for (const typed of ['han', 'king', '的', '']) expect(search(bare, typed, at).total).toBe(0);
  });

  it('is not led astray by what means something elsewhere', () => {
    for (const typed of [
      '.*',
      '(',
      '[a-z]+',
      '\\',
      '%',
      '__proto__',
      'constructor',
      '\u0000',
      '\ud800',
      'x'.repeat(1e6),
    ])
      expect(find(typed).total).toBe(0);
    expect(names(find('“+”'))).toHaveLength(50);
  });
});
