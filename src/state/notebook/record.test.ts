import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/api/generate';
import type { LensInfo } from '../../lens/api/lens';
import { featureKey, isOpen, keyOf } from '../features/feature-key';
import { editsOf } from '../steering/edits';
import type { StreamRow } from '../steering/fed-sinks';
import { fakeLens } from '../testing/lens';
import { entry, HAN, HASH, run } from '../testing/notebook';
import { MOST_RUNS, settleName } from './limits';
import { planOf, type RunRecord, recordOf, runId, runModel, runOutcome, type ShownOf, withRun } from './record';

const withHash = (sha256: string | null): LensInfo => {
  const { info } = fakeLens();
  return { ...info, model: 'https://a.example/models/mini/', sites: info.sites.map((site) => ({ ...site, sha256 })) };
};

test('an entry belongs to one dictionary: another hash, an unknown one or a missing site is not it', () => {
  expect(featureKey(withHash(HASH), 3, 405)).toEqual(HAN);
  expect(isOpen(withHash(HASH), entry())).toBe(true);
  expect(isOpen(withHash('cd'.repeat(32)), entry())).toBe(false);
  expect(isOpen(withHash(null), entry())).toBe(false);
  expect(isOpen(withHash(HASH), entry({ sha256: null }))).toBe(false);
  expect(isOpen(withHash(null), entry({ sha256: null }))).toBe(false);
  expect(isOpen(withHash(HASH), entry({ model: 'other' }))).toBe(false);
  expect(isOpen(withHash(HASH), entry({ layer: 5 }))).toBe(false);
  expect(isOpen(null, entry())).toBe(false);
});

test('where no hash is known only the same address is the same dictionary, and two repositories of one name are two', () => {
  const at = (model: string, sha256: string | null) => ({ ...withHash(sha256), model });
  const kept = entry({ ...featureKey(at('https://a.example/x/mini/', null), 3, 405) });
  expect(kept.model).toBe('https://a.example/x/mini');
  expect(isOpen(at('https://a.example/x/mini/', null), kept)).toBe(true);
  expect(isOpen(at('https://b.example/y/mini/', null), kept)).toBe(false);
  expect(isOpen(at('https://a.example/x/mini/', HASH), kept)).toBe(false);
  const [one, other] = ['one', 'other'].map((owner) =>
    featureKey(at(`https://huggingface.co/${owner}/sae/resolve/main/`, HASH), 3, 405),
  );
  expect(one!.model).toBe('one/sae');
  expect(keyOf(one!)).not.toBe(keyOf(other!));
});

test('a run is kept under the model’s name where all hashes that it needs are known, else under its address', () => {
  const info = { ...withHash(HASH), model: 'https://a.example/x/mini/', sha256: HASH };
  expect(runModel(info, [{ layer: 3 }])).toEqual({ model: 'mini', sha256: HASH });
  expect(runModel({ ...info, sha256: null }, [{ layer: 3 }])).toEqual({
    model: 'https://a.example/x/mini',
    sha256: null,
  });
  expect(runModel({ ...info, sites: withHash(null).sites }, [])).toEqual({ model: 'mini', sha256: HASH });
  expect(runModel({ ...info, sites: withHash(null).sites }, [{ layer: 3 }]).model).toBe('https://a.example/x/mini');
});

test('no two features share a key, whatever the model is called', () => {
  const keys = ['mini', 'mini 3:405 -', ''].flatMap((model) =>
    [HASH, null].map((sha256) => keyOf({ ...HAN, model, sha256 })),
  );
  expect(new Set(keys).size).toBe(6);
});

test('a name is one line without white space around it, and no name at all where nothing is left', () => {
  expect(settleName('  Han \n characters ')).toBe('Han characters');
  expect(settleName(' \n ')).toBeNull();
  expect(settleName('x'.repeat(200))).toHaveLength(80);
});

test('the same plan takes the place of its earlier run, a stopped one takes none, and twenty are kept', () => {
  const many = Array.from({ length: 25 }, (_, i) => run(i)).reduce<readonly RunRecord[]>(withRun, []);
  expect(many).toHaveLength(MOST_RUNS);
  expect(many[0]!.plan.sampling.seed).toBe(24);
  expect(many.at(-1)!.plan.sampling.seed).toBe(5);
  const again = withRun(many, { ...run(7), at: run(30).at });
  expect(again).toHaveLength(MOST_RUNS);
  expect(again[0]!.plan.sampling.seed).toBe(7);
  expect(withRun(many, { ...run(7), at: run(30).at, complete: false })).toBe(many);
  expect(runId(run(1))).not.toBe(runId(run(1, { sha256: null })));
  expect(runId(run(1))).not.toBe(runId(run(2)));
});

test('a run is the same run whatever order its fields come in: kept, read from a file, or just made', () => {
  const turned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(turned);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, of]) => [key, turned(of)]),
        )
      : value;
  };
  expect(runId(turned(run(1)) as RunRecord)).toBe(runId(run(1)));
});

test('a plan is kept in the panel’s terms with the engine’s strengths, an exact weight as it was', () => {
  const shownOf: ShownOf = ({ mode, strength }) =>
    mode === 'add' ? { weight: 1.2345, unit: 'max' } : { weight: strength, unit: 'raw' };
  const rows = [
    {
      key: 1,
      layer: 3,
      feature: 1,
      mode: 'add' as const,
      strength: 12.345,
      unit: 'max' as const,
      where: 'all' as const,
      on: 'active' as const,
      enabled: true,
    },
    {
      key: 2,
      layer: 4,
      feature: 2,
      mode: 'ablate' as const,
      strength: 0.5,
      unit: 'raw' as const,
      where: [2, 3],
      on: 'preactivation' as const,
      enabled: true,
    },
  ];
  const sampling = { temperature: 0.7, topP: 0.95, seed: 1, maxTokens: 4 };
  const plan = planOf(
    { prompt: 'x', edits: editsOf(rows), control: true, draw: 2, sampling },
    withHash(HASH),
    shownOf,
  )!;
  expect(plan.edits).toEqual([
    {
      layer: 3,
      feature: 1,
      mode: 'add',
      weight: 1.2345,
      unit: 'max',
      strength: 12.345,
      where: 'all',
      on: 'active',
      sha256: HASH,
    },
    {
      layer: 4,
      feature: 2,
      mode: 'ablate',
      weight: 0.5,
      unit: 'raw',
      strength: 0.5,
      where: [2, 3],
      on: 'preactivation',
      sha256: HASH,
    },
  ]);
  const vector = { layer: 3, mode: 'add' as const, strength: 1, direction: { vector: new Float32Array(4) } };
  expect(
    planOf({ prompt: 'x', edits: [vector], control: true, draw: 2, sampling }, withHash(HASH), shownOf),
  ).toBeNull();
});

test('a record keeps every float32 exactly and nothing of the codes; without a token, or with numbers that are none, there is no record', () => {
  const generated = (rest: Partial<GeneratedRow> = {}): GeneratedRow => ({
    token: 1,
    text: 'a',
    logprob: Math.fround(-0.1),
    codes: {},
    acted: 1,
    change: Math.fround(1 / 3),
    norm: 7,
    kl: Math.fround(0.3),
    surprisal: Number.NaN,
    done: null,
    ...rest,
  });
  const { plan } = run();
  const model = { model: 'mini', sha256: null };
  const of = (baseline: StreamRow[]) =>
    recordOf(
      { status: 'done', streams: { baseline, steered: null, control: null }, band: null },
      plan,
      model,
      run().at,
    );
  const [kept] = of([generated()])!.baseline;
  expect(Math.fround(kept!.logprob)).toBe(Math.fround(-0.1));
  expect(Math.fround(kept!.change)).toBe(Math.fround(1 / 3));
  expect(kept).not.toHaveProperty('codes');
  expect(kept!.surprisal).toBeNull();
  expect(kept).not.toHaveProperty('sink');
  expect(of([{ ...generated(), sink: true }])!.baseline[0]).toHaveProperty('sink', true);
  expect(of([])).toBeNull();
  expect(of([generated({ logprob: Number.NaN })])).toBeNull();
});

test('the outcome of a record is that of its run', () => {
  expect(runOutcome(run())).toMatchObject({ kl: 0.5, low: 0.125, high: 0.25, draws: 3, acted: 2, of: 2 });
  expect(runOutcome(run(0, { band: null }))).toBeNull();
  expect(runOutcome(run(0, { control: null }))).toBeNull();
});

test('a run of an earlier notebook, with nine digits of its strength, gives way to the same run of today', () => {
  const [edit] = run().plan.edits;
  const withStrength = (at: number, strength: number) =>
    run(0, { at: run(at).at, plan: { ...run().plan, edits: [{ ...edit!, strength }] } });
  const earlier = withStrength(1, 15.1745005);
  expect(withRun([earlier], withStrength(2, 15.1745))).toHaveLength(1);
  expect(withRun([earlier], withStrength(2, 15.1755))).toHaveLength(2);
  expect(withRun([withStrength(1, 1.000001)], withStrength(2, 1.000002))).toHaveLength(2);
});
