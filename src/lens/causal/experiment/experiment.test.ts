import { describe, expect, test } from 'vitest';
import { CorruptFileError, InvalidEditError } from '../../api/errors';
import { promptId } from '../prompts/prompt';
import { type HandWritten, written } from '../testing/experiment';
import type { Intervention } from './experiment';
import { experimentHash, parseExperiment, writeExperiment } from './experiment-file';
import { editsOf } from './intervention';
import { familiesOf, leastDraws } from './rules';

const vector = (n: number) => Array.from({ length: n }, (_, i) => Math.sin(i + 1));
const withIntervention = (intervention: unknown, more: Record<string, unknown> = {}) =>
  written((e) => {
    Object.assign(e.claims[0]!, { intervention, ...more });
    Object.assign(e.controls, { differences: 99, sentences: 99 });
    Object.assign(e, { pair: { layer: 3, sha256: 'c'.repeat(64) } });
  });

/** Every form that an intervention has. */
const INTERVENTIONS: unknown[] = [
  { kind: 'edits', edits: [{ layer: 3, feature: 7, mode: 'clamp', strength: 0, where: [5, 0, 5], when: '3:9 > 1' }] },
  {
    kind: 'edits',
    edits: [{ layer: 3, mode: 'add', strength: 1, direction: { vector: vector(4), relativeToNorm: true } }],
  },
  {
    kind: 'group',
    features: [
      { layer: 3, feature: 9 },
      { layer: 3, feature: 2 },
    ],
    mode: 'ablate',
    strength: 1,
  },
  {
    kind: 'direction',
    layer: 3,
    vector: vector(5),
    op: 'add',
    strength: 0.5,
    relativeToNorm: true,
    where: { last: 2 },
  },
  { kind: 'direction', layer: 3, vector: { plus: 'main', minus: 'neutral' }, op: 'project', strength: 1 },
  { kind: 'sentence', layer: 3, op: 'add', text: 'It rains.', strength: 0.2, where: { match: ' rain' } },
  {
    kind: 'sentence',
    layer: 3,
    op: 'swap',
    text: { verbalize: { last: 1 }, replace: [{ find: 'rain', with: '' }] },
    instead: 'It snows.',
    strength: 0.2,
  },
];

describe('an experiment', () => {
  test('gets ids and defaults, and looks at the neutral prompts for what it keeps', async () => {
    const of = await parseExperiment(written());
    const [first] = of.prompts.main!.items;
    expect(first!.id).toBe(await promptId(first!));
    expect(of.prompts.main!.split).toEqual({ salt: '1', test: 0.67 });
    expect(of.claims[0]).toMatchObject({
      dose: 1,
      margin: 0.1,
      keeps: [{ outcome: 'long', prompts: 'neutral', margin: 0.1 }],
    });
    expect(of.plan).toEqual({
      alpha: 0.05,
      prompts: 100,
      design: 'standard',
      guard: { doublings: 1, degenerate: 0.1 },
      scored: 5,
    });
  });

  test('is read again as it was, in every form, and equal ones are equal bytes', async () => {
    for (const intervention of [
      { kind: 'edits', edits: [{ layer: 3, feature: 1, mode: 'add', strength: 1 }] },
      ...INTERVENTIONS,
    ]) {
      const of = await parseExperiment(withIntervention(intervention));
      const text = await writeExperiment(of);
      expect(await parseExperiment(text)).toEqual(of);
      expect(await writeExperiment(await parseExperiment(text))).toBe(text);
    }
    const shuffled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shuffled)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, entry]) => [key, shuffled(entry)]),
            )
          : value;
    const text = await writeExperiment(await parseExperiment(written()));
    expect(await writeExperiment(await parseExperiment(JSON.stringify(shuffled(JSON.parse(written())))))).toBe(text);
    expect(await writeExperiment(await parseExperiment(JSON.stringify(shuffled(JSON.parse(text)))))).toBe(text);
  });

  test('has one spelling for each meaning', async () => {
    const bytes = async (intervention: unknown) =>
      writeExperiment(await parseExperiment(withIntervention(intervention)));
    const edits = (...of: object[]) => bytes({ kind: 'edits', edits: of });
    const scale = { layer: 3, feature: 1, mode: 'scale', strength: -1 };
    expect(await edits(scale)).toBe(await edits({ ...scale, on: 'everywhere', where: 'all', direction: 'feature' }));
    expect(await edits({ ...scale, where: [3, 1, 3] })).toBe(await edits({ ...scale, where: [1, 3] }));
    expect(await edits({ ...scale, mode: 'add', strength: -0 })).toBe(
      await edits({ ...scale, mode: 'add', strength: 0, on: 'active' }),
    );
    expect(await edits(scale)).not.toBe(await edits({ ...scale, where: 'prompt' }));
    const group = (...features: number[]) =>
      bytes({
        kind: 'group',
        features: features.map((feature) => ({ layer: 3, feature })),
        mode: 'ablate',
        strength: 1,
      });
    expect(await group(9, 2, 5)).toBe(await group(2, 5, 9));
  });

  test('has vectors at nine digits, which give each float32 back', async () => {
    const of = await parseExperiment(withIntervention(INTERVENTIONS[3]));
    const text = await writeExperiment(of);
    expect(text).toContain('0.841470957');
    expect((await parseExperiment(text)).claims[0]!.intervention).toEqual(of.claims[0]!.intervention);
  });

  test('has another hash once anything in it changes', async () => {
    const hash = async (change?: (e: HandWritten) => void) => experimentHash(await parseExperiment(written(change)));
    const changed = await Promise.all([
      hash(),
      hash((e) => Object.assign(e.claims[0]!, { margin: 0.2 })),
      hash((e) => Object.assign(e.claims[0]!, { selection: { candidates: 12, signs: 2, doses: 5 } })),
      hash((e) => Object.assign(e.controls, { seed: 2 })),
      hash((e) => e.prompts.main.items.pop()),
    ]);
    expect(new Set(changed).size).toBe(5);
  });
});

const EXCLUDED = await promptId({ text: 'On Saturday we walked to' });

test('what is not an experiment is refused by the key', async () => {
  const claim = (more: object) => (e: HandWritten) => void Object.assign(e.claims[0]!, more);
  const intervention = (of: object) => claim({ intervention: of });
  const add = { layer: 3, feature: 1, mode: 'add', strength: 1 };
  const refused: [(e: HandWritten) => void, RegExp][] = [
    [(e) => Object.assign(e, { extra: 1 }), /has the key "extra"/],
    [claim({ extra: 1 }), /has the key "extra"/],
    [(e) => Object.assign(e, { format: 'lenslet-experiment-2' }), /"format" must be lenslet-experiment-1/],
    [claim({ selection: undefined }), /must be an object|"selection"/],
    [claim({ selection: { candidates: 0, signs: 1, doses: 1 } }), /"candidates" must be a whole number from 1/],
    [claim({ selection: { candidates: 'unknown', signs: 1, doses: 1 } }), /"candidates" must be a whole number/],
    [claim({ selection: { candidates: 1, signs: 3, doses: 1 } }), /"signs" must be 1/],
    [claim({ id: 'a|b' }), /"id" must begin with a letter/],
    [claim({ outcome: 'constructor' }), /"outcome" must be a name in "outcomes"/],
    [claim({ reference: 'none' }), /"reference" must be a name in "prompts"/],
    [(e) => Object.assign(e.prompts, { neutral: undefined }), /neutral|"prompts" must be a name/],
    [
      (e) => Object.assign(e.prompts, { main: e.prompts.neutral, neutral: { ...e.prompts.neutral, items: [] } }),
      /"items" must hold at least one/,
    ],
    [(e) => Object.assign(e, { prompts: { neutral: e.prompts.neutral } }), /"prompts" must hold the set "main"/],
    [(e) => Object.assign(e.prompts, { '__a|b': e.prompts.neutral }), /"prompts" must have names of letters/],
    [(e) => Object.assign(e.prompts.main.items[0]!, { id: '000000000000' }), /it was changed/],
    [
      (e) => Object.assign(e.prompts.neutral, { excluded: [{ id: EXCLUDED, reason: 'by-hand', note: 'Odd.' }] }),
      /"excluded" must not name a prompt that is among "items"/,
    ],
    [
      (e) => Object.assign(e.prompts.neutral, { excluded: [{ id: EXCLUDED, reason: 'dull', note: 'Odd.' }] }),
      /"reason" must be one of/,
    ],
    [(e) => e.prompts.main.items.push(e.prompts.main.items[0]!), /stands there twice/],
    [(e) => Object.assign(e, { claims: [] }), /"claims" must hold at least one/],
    [(e) => Object.assign(e, { claims: Array(11).fill(e.claims[0]) }), /"claims" must be a list of at most 10/],
    [(e) => e.claims.push(e.claims[0]!), /an id of its own/],
    [(e) => e.claims.push({ ...e.claims[0], id: 'b' }), /"design" must be fixed/],
    [intervention({ kind: 'edits', edits: [] }), /"edits" must hold at least one/],
    [intervention({ kind: 'edits', edits: Array(65).fill(add) }), /"edits" must be a list of at most 64/],
    [intervention({ kind: 'edits', edits: [{ ...add, direction: { random: 1 } }] }), /must not move along random/],
    [intervention({ kind: 'group', features: [add], mode: 'ablate', strength: 1 }), /has the key/],
    [
      intervention({
        kind: 'group',
        features: [
          { layer: 3, feature: 1 },
          { layer: 3, feature: 1 },
        ],
        mode: 'ablate',
        strength: 1,
      }),
      /"features" must name each feature once/,
    ],
    [
      intervention({
        kind: 'group',
        features: Array(1001).fill({ layer: 3, feature: 1 }),
        mode: 'ablate',
        strength: 1,
      }),
      /at most 1000/,
    ],
    [
      intervention({ kind: 'direction', layer: 3, vector: Array(70_000).fill(1), op: 'add', strength: 1 }),
      /at most 65536/,
    ],
    [
      intervention({ kind: 'direction', layer: 3, vector: { plus: 'main', minus: 'x' }, op: 'add', strength: 1 }),
      /"minus" must be a name/,
    ],
    [
      intervention({ kind: 'sentence', layer: 3, op: 'swap', text: 'a', strength: 1 }),
      /"instead" must be there for swap/,
    ],
    [intervention({ kind: 'magic' }), /"kind" must be one of/],
    [(e) => Object.assign(e.controls, { directions: 1e9 }), /"directions" must be a whole number from 0 to 999/],
    [(e) => Object.assign(e.plan, { prompts: 1e9 }), /"prompts" must be a whole number from 1 to 10000/],
    [(e) => Object.assign(e.sampling, { seeds: 1e9 }), /"seeds" must be a whole number from 1 to 100/],
    [(e) => Object.assign(e.outcomes, { english: { type: 'features' } }), /needs a classifier/],
    [
      (e) => Object.assign(e.outcomes, { english: { type: 'answer', pick: 'last-number', equals: 'expect' } }),
      /"expect" must be there, as a number/,
    ],
  ];
  for (const [change, message] of refused) {
    await expect(parseExperiment(written(change))).rejects.toThrow(message);
    await expect(parseExperiment(written(change))).rejects.toThrow(CorruptFileError);
  }
  await expect(parseExperiment(' '.repeat(32_000_001))).rejects.toThrow(/at most 32000000 are read/);
  await expect(parseExperiment('{')).rejects.toThrow(CorruptFileError);
});

describe('controls', () => {
  const draws = (n: number, design: 'quick' | 'standard' | 'fixed', alpha = 0.05) =>
    leastDraws({
      claims: Array(n).fill({}),
      plan: { alpha, prompts: 1, design, guard: { doublings: 1, degenerate: 0 }, scored: 0 },
    });

  test('are as many as the design needs to be able to reject', () => {
    expect([1, 2, 5, 10].map((n) => draws(n, 'fixed'))).toEqual([19, 39, 99, 199]);
    expect([draws(1, 'quick'), draws(1, 'standard'), draws(1, 'quick', 0.01), draws(1, 'quick', 0.2)]).toEqual([
      19, 99, 99, 19,
    ]);
  });

  test('include differences of residuals for vectors, for sentences, and where a site has no dictionary', async () => {
    const families = async (text: string) => {
      const of = await parseExperiment(text);
      return familiesOf(of.claims[0]!, of.dictionaries).join(' ');
    };
    expect(await families(written())).toBe('directions features');
    expect(await families(withIntervention(INTERVENTIONS[2]))).toBe('directions features');
    expect(await families(withIntervention(INTERVENTIONS[1]))).toBe('directions features differences');
    expect(await families(withIntervention(INTERVENTIONS[3]))).toBe('directions features differences');
    expect(await families(withIntervention(INTERVENTIONS[5]))).toBe('directions features differences sentences');
    const bare = (change: (e: HandWritten) => void = () => {}) =>
      written((e) => {
        e.dictionaries = [];
        Object.assign(e.controls, { features: 0, differences: 99 });
        change(e);
      });
    expect(await families(bare())).toBe('directions differences');
    await expect(parseExperiment(bare((e) => Object.assign(e.controls, { differences: 98 })))).rejects.toThrow(
      /"differences" must be at least 99 for the claim "a"/,
    );
    for (const family of ['directions', 'features'])
      await expect(parseExperiment(written((e) => Object.assign(e.controls, { [family]: 18 })))).rejects.toThrow(
        new RegExp(`"${family}" must be at least 99`),
      );
    const vectorAlone = written((e) => Object.assign(e.claims[0]!, { intervention: INTERVENTIONS[3] }));
    await expect(parseExperiment(vectorAlone)).rejects.toThrow(/"differences" must be at least 99/);
  });
});

test('a use is shown by removing what is there, and by nothing else', async () => {
  const uses = (intervention: unknown, more = {}) =>
    parseExperiment(withIntervention(intervention, { kind: 'uses', ...more }));
  const edits = (mode: string, strength: number) => ({
    kind: 'edits',
    edits: [{ layer: 3, feature: 1, mode, strength }],
  });
  for (const of of [edits('ablate', 1), edits('scale', -0.5), INTERVENTIONS[2], INTERVENTIONS[4]])
    expect((await uses(of)).claims[0]!.kind).toBe('uses');
  for (const of of [
    edits('add', -1),
    edits('ablate', 1.5),
    edits('scale', 1),
    edits('scale', -2),
    edits('clamp', 0),
    INTERVENTIONS[3],
  ])
    await expect(uses(of)).rejects.toThrow(/"kind" must be drives: a use is shown by removing/);
  await expect(uses(edits('ablate', 1), { doses: [2] })).rejects.toThrow(/must be drives/);
});

test('edits and groups become edits of the engine at a dose', async () => {
  const at = () => [4, 5];
  const group = {
    kind: 'group',
    features: [
      { layer: 1, feature: 2 },
      { layer: 3, feature: 4 },
    ],
    mode: 'ablate',
    strength: 0.5,
    where: { last: 2 },
  } as Intervention;
  expect(editsOf(group, 2, at)).toEqual([
    { layer: 1, feature: 2, mode: 'ablate', strength: 1, where: [4, 5] },
    { layer: 3, feature: 4, mode: 'ablate', strength: 1, where: [4, 5] },
  ]);
  const one = {
    kind: 'edits',
    edits: [{ layer: 1, feature: 2, mode: 'add', strength: 3, where: 'prompt' }],
  } as Intervention;
  expect(editsOf(one, -1, at)).toEqual([{ layer: 1, feature: 2, mode: 'add', strength: -3, where: 'prompt' }]);
  const direction = { kind: 'direction' } as Intervention;
  expect(() => editsOf(direction, 1, at)).toThrow(InvalidEditError);
});
