import { expect, test } from 'vitest';
import { circles, importGraph, loadedWith, placeOf } from './graph';
import { broken, DEBTS, FOR_THE_PAGE, hallways, MAY } from './rule';

const graph = importGraph(process.cwd(), 'src');

test('files import only what the rule allows, but for the debts that are named', () => {
  expect(broken(graph)).toEqual(Object.keys(DEBTS).sort());
});

test('no files import each other in a loop', () => {
  expect(circles(graph)).toEqual([]);
});

test('only the doors of the package hand on what another file defines', () => {
  expect(hallways(graph)).toEqual([]);
});

test('what the page takes from the library brings nothing heavy along', () => {
  const files = [...graph.keys()].filter((file) => FOR_THE_PAGE.includes(placeOf(file, FOR_THE_PAGE)));
  const loaded = loadedWith(
    graph,
    files.filter((file) => !/\.test\.ts$/.test(file)),
  );
  expect([...loaded].filter((name) => !/^src\/lens\//.test(name)).sort()).toEqual(['idb', 'valibot']);
  // Sizes and an interface, without WGSL.
  const light = ['src/lens/kernels/converter.ts', 'src/lens/kernels/layout.ts'];
  const near = [...loaded].filter((name) => /^src\/lens\/(kernels|engine|verbalizer|dictionary)\//.test(name));
  expect(near.sort()).toEqual(light);
});

test('the chart library comes with nothing that the page loads by itself', () => {
  const users = [...graph].filter(([, { loads }]) => loads.includes('recharts')).map(([file]) => file);
  expect(users.length).toBeGreaterThan(0);
  for (const file of users) expect(file).toMatch(/^src\/panels\/charts\/\w+Plot\.tsx$/);
  const page = loadedWith(graph, ['src/app/main.tsx']);
  expect([...page]).toContain('src/panels/charts/StillChart.tsx');
  expect([...page].filter((name) => name === 'recharts' || users.includes(name))).toEqual([]);
});

test('every place of the rule is there, and every file has one', () => {
  const files = [...graph.keys()];
  const inside = (place: string) => (file: string) => file === place || file.startsWith(`${place}/`);
  expect(Object.keys(MAY).filter((place) => !files.some(inside(place)))).toEqual([]);
  const without = files.filter((file) => !Object.keys(MAY).some((place) => inside(place)(file)));
  expect(without.filter((file) => !/\.test\.tsx?$|\/testing\//.test(file))).toEqual([]);
});

test('an import that the rule does not allow, a loop and a hallway are found', () => {
  const one = (imports: string[], handsOn: string[] = []) => ({ imports, loads: imports, handsOn });
  const wrong = new Map([
    ['src/lens/api/a.ts', one(['src/lens/engine/b.ts'])],
    ['src/lens/engine/b.ts', one(['src/lens/api/a.ts', 'src/lens/testing/c.ts'])],
    ['src/state/reading/d.ts', one(['src/state/page/e.ts', 'src/lens/kernels/f.ts', 'src/lens/api/a.ts'])],
    ['src/state/page/e.ts', one(['src/state/reading/g.ts'], ['src/state/reading/g.ts'])],
  ]);
  expect(broken(wrong)).toEqual([
    'src/lens/api/a.ts -> src/lens/engine/b.ts',
    'src/lens/engine/b.ts -> src/lens/testing/c.ts',
    'src/state/reading/d.ts -> src/state/page/e.ts',
    'src/state/reading/d.ts -> src/lens/kernels/f.ts',
  ]);
  expect(circles(wrong)).toEqual([['src/lens/api/a.ts', 'src/lens/engine/b.ts']]);
  expect(hallways(wrong)).toEqual(['src/state/page/e.ts']);
  expect([...loadedWith(wrong, ['src/lens/api/a.ts'])]).toContain('src/lens/testing/c.ts');
});
