import { type Imports, placeOf } from './graph';

/**
 * Who may import whom in `src/`. A place is a folder, or a file that has a rule of its own; a file may import from its
 * own place and from those named beside it. `lens/*` are the floors of the library from the ground up: what stands in
 * the list may be imported by all that stands above it.
 */
const FLOORS = [
  'api', // types and errors, which every part speaks in
  'maths', // formulas on plain numbers
  'sources', // where bytes come from
  'formats', // bytes to tensors and records
  'exchange', // what people take away and bring back: recipes, .npy, Neuronpedia's JSON
  'causal', // claims tested against controls
  'folders', // what the files of a model folder mean
  'graph', // a configuration and weights as an ONNX graph
  'kernels', // the dictionaries' arithmetic on a device
  'sizes.ts', // every byte and parameter count
  'store', // what is kept in this browser
  'dictionary', // sites, and edits as slots of a kernel
  'engine', // a model that runs
  'verbalizer', // vectors into words and back
  'lens.ts', // the interface of an open model
  'open', // how a model comes to be open
].map((place) => `src/lens/${place}`);

/** Floors that know nothing of each other, though one stands above the other in the list. */
const APART: readonly (readonly [string, string])[] = [
  ['src/lens/kernels', 'src/lens/graph'],
  ['src/lens/dictionary', 'src/lens/store'],
  ['src/lens/engine', 'src/lens/store'],
  ['src/lens/verbalizer', 'src/lens/store'],
];

/** What code of the page may take from the library. Nothing here brings a hash, a kernel or a tokenizer along. */
export const FOR_THE_PAGE = [
  'src/lens/api',
  'src/lens/sizes.ts',
  'src/lens/maths',
  'src/lens/exchange',
  'src/lens/folders/config.ts',
  'src/lens/folders/families/families.ts',
  'src/lens/folders/families/family.ts',
  'src/lens/sources/dictionary-marks.ts',
  'src/lens/sources/hub-cache.ts',
  'src/lens/store/store.ts',
];

/** The page's state, region by region, from the ground up. */
const REGIONS = [
  ['base'],
  ['model'],
  ['reading'],
  ['features', 'steering', 'words', 'chat'],
  ['notebook', 'log'],
  ['search'],
  ['page'],
].map((floor) => floor.map((region) => `src/state/${region}`));

const DOORS = ['src/lens/index.ts', 'src/lens/node.ts', 'src/lens/page.ts', 'src/worker/index.ts'];

const state = Object.fromEntries(
  REGIONS.flatMap((floor, i) =>
    floor.map((region) => [region, [...FOR_THE_PAGE, ...REGIONS.slice(0, i).flat()]] as const),
  ),
);

const lens = Object.fromEntries(
  FLOORS.map((place, i) => [
    place,
    FLOORS.slice(0, i).filter((below) => !APART.some(([one, other]) => one === place && other === below)),
  ]),
);

export const MAY: Readonly<Record<string, readonly string[]>> = {
  ...lens,
  ...state,
  'src/ui': ['src/lens/api', 'src/lens/maths'],
  'src/offline': [],
  'src/panels': ['src/ui', 'src/state', 'src/offline', ...FOR_THE_PAGE],
  'src/app': ['src/panels', 'src/ui', 'src/state', 'src/offline', 'src/worker/client.ts', ...FOR_THE_PAGE],
  'src/worker': FOR_THE_PAGE,
  'src/worker/start.ts': ['src/worker'],
  'src/worker/client.ts': ['src/worker', ...FOR_THE_PAGE],
  // The engine's side of the worker.
  'src/worker/host.ts': ['src/worker', 'src/lens'],
  'src/worker/worker.ts': ['src/worker', 'src/worker/host.ts'],
  'src/cli': ['tools/vite/policy.ts'],
  ...Object.fromEntries(DOORS.map((door) => [door, ['src/lens', 'src/worker', 'src/worker/client.ts']])),
};

/** Imports that break the rule until they are mended: `from -> to`, with the reason. The check fails for a debt that is
 *  paid, so that the list holds only open debts. */
export const DEBTS: Readonly<Record<string, string>> = {};

const TESTS = /\.test\.tsx?$|\/testing\//;
const PLACES = [...Object.keys(MAY), ...Object.values(MAY).flat()];

/** Every import that the rule does not allow, as `from -> to`. */
export function broken(graph: ReadonlyMap<string, Imports>): string[] {
  const out: string[] = [];
  for (const [file, { imports }] of graph) {
    if (TESTS.test(file)) continue;
    const own = placeOf(file, Object.keys(MAY));
    const may = MAY[own] ?? [];
    for (const target of imports) {
      const allowed = may.some((place) => target === place || target.startsWith(`${place}/`));
      const inOwn = placeOf(target, PLACES) === own || (target.startsWith(`${own}/`) && !MAY[placeOf(target, PLACES)]);
      if (TESTS.test(target) || !(allowed || inOwn)) out.push(`${file} -> ${target}`);
    }
  }
  return out;
}

/** Files that hand on what another file defines, and are no door of the package. */
export function hallways(graph: ReadonlyMap<string, Imports>): string[] {
  return [...graph]
    .filter(([file, { handsOn }]) => handsOn.length > 0 && !DOORS.includes(file) && !TESTS.test(file))
    .map(([file]) => file);
}
