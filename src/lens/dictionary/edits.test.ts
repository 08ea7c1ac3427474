import { expect, test } from 'vitest';
import type { Edit } from '../api/edit';
import { InvalidEditError, SiteUnavailableError } from '../api/errors';
import { controlOf, sourceEdits, sourceOf } from '../maths/control';
import type { TokenFacts } from '../maths/where';
import { GateTable, type PlanContext, planEdits, RowTable } from './edits';

const WIDTHS = new Map([
  [3, 10],
  [1, 8],
  [5, 10],
]);
const context: PlanContext = { d: 4, width: (layer) => WIDTHS.get(layer), layers: () => [3, 1, 5] };
const plan = (edits: Edit[], { vectors = new RowTable(), gates = new GateTable() } = {}) =>
  planEdits(edits, context, { vectors, gates });
const add: Edit = { layer: 3, feature: 2, mode: 'add', strength: 5 };

/** Facts of four tokens, of which two are the prompt's. */
const TOKENS: TokenFacts[] = [0, 1, 2, 3].map((position) => {
  return { position, prompt: 2, special: position === 0, span: null };
});
const [FIRST] = TOKENS as [TokenFacts];

test('an edit reaches the tokens it names', () => {
  const reach = (where: Edit['where']) => {
    const site = plan([{ ...add, where }]).at(3)!;
    return TOKENS.filter((token) => site.slots(token).length > 0).map(({ position }) => position);
  };
  expect(reach(undefined)).toEqual([0, 1, 2, 3]);
  expect(reach('all')).toEqual([0, 1, 2, 3]);
  expect(reach('prompt')).toEqual([0, 1]);
  expect(reach('generated')).toEqual([2, 3]);
  expect(reach('from-last.text')).toEqual([1, 2, 3]);
  expect(reach([1, 3])).toEqual([1, 3]);
});

test('a plan tells whether an edit may act on some of the tokens', () => {
  const acts = (edits: Edit[]) => plan(edits).reachesAny(TOKENS.slice(0, 2));
  for (const where of ['generated', 'first3', 'user', [2], []]) expect(acts([{ ...add, where }])).toBe(false);
  for (const where of [undefined, 'prompt', 'from-last', 'text', [1]]) expect(acts([{ ...add, where }])).toBe(true);
  expect(acts([{ ...add, where: 'generated' }, add])).toBe(true);
  expect(acts([])).toBe(false);
});

test('strength 0 leaves nothing to do, but for clamp, which it makes an ablation', () => {
  expect(
    plan([
      { ...add, strength: 0 },
      { ...add, mode: 'scale', strength: 0 },
      { ...add, mode: 'ablate', strength: 0 },
    ]).empty,
  ).toBe(true);
  expect(
    plan([{ ...add, mode: 'clamp', strength: 0 }])
      .at(3)!
      .slots(FIRST),
  ).toMatchObject([{ mode: 'clamp', strength: 0, on: 'everywhere' }]);
});

test('vectors are collected once, normalised where they are relative', () => {
  const vectors = new RowTable();
  const vector = Float32Array.of(3, 0, 4, 0);
  const edits: Edit[] = [
    { layer: 3, mode: 'add', strength: 1, direction: { vector } },
    { layer: 3, mode: 'add', strength: 2, direction: { vector } },
    { layer: 3, mode: 'add', strength: 0.5, direction: { vector, relativeToNorm: true } },
  ];
  const slots = plan(edits, { vectors }).at(3)!.slots(FIRST);
  expect(slots.map((slot) => [slot.vector, slot.relative])).toEqual([
    [0, false],
    [0, false],
    [1, true],
  ]);
  expect([...vectors.list[1]!].map((x) => Math.round(x * 10) / 10)).toEqual([0.6, 0, 0.8, 0]);
  expect(vectors.data(4)).toHaveLength(8);
});

test('gates are collected once, with a column each, and named by the slots that wait for them', () => {
  const gates = new GateTable();
  const edits: Edit[] = [
    { ...add, when: '3:4 > 5' },
    add,
    { ...add, when: '1:7>5 in turn' },
    { ...add, strength: 0, when: '3:4 > 2 until 1' },
    { ...add, where: 'prompt', when: '3:4>5.0' },
  ];
  const made = plan(edits, { gates });
  const random = plan(controlOf(edits, 1), { gates });
  expect(gates.size).toBe(3);
  expect(gates.at(3)).toEqual([
    { layer: 3, feature: 4, above: 5, reach: 'token', column: 0 },
    { layer: 3, feature: 4, above: 2, until: 1, reach: 'token', column: 2 },
  ]);
  expect(gates.at(1)).toEqual([{ layer: 1, feature: 7, above: 5, reach: 'turn', column: 1 }]);
  expect(gates.at(5)).toEqual([]);
  expect(
    made
      .at(3)!
      .slots(FIRST)
      .map(({ gate }) => gate),
  ).toEqual([0, undefined, 1, 0]);
  // One for each edit with a gate, in their order, those that change nothing among them.
  expect(made.gates.map(({ column }) => column)).toEqual([0, 1, 2, 0]);
  expect([made.gated, random.gated, plan([add]).gated]).toEqual([true, false, false]);
  expect(random.gates.every(({ random }) => random)).toBe(true);
});

test('a gate lies at or below its edit, where a dictionary with its feature is open', () => {
  const waits = (when: string) => () => plan([{ ...add, when }]);
  for (const when of ['3:9 > 0', '1:7 > 0']) expect(waits(when)).not.toThrow();
  expect(waits('5:2 > 0')).toThrow(InvalidEditError);
  expect(waits('5:2 > 0')).toThrow('Edit 3:2: its gate reads layer 5, which is computed later. Use a layer up to 3.');
  expect(waits('2:2 > 0')).toThrow(SiteUnavailableError);
  expect(waits('2:2 > 0')).toThrow('Edit 3:2: its gate reads layer 2, where there is no dictionary. Layers with one: ');
  expect(waits('3:10 > 0')).toThrow(InvalidEditError);
  expect(waits('1:8 > 0')).toThrow('features at layer 1 are 0 to 7');
  expect(waits('3:2 > -1')).toThrow(/^Edit 3:2: "when" says "3:2 > -1"/);
  for (const when of [null, 5, {}])
    expect(() => plan([{ ...add, when: when as unknown as string }])).toThrow(/^Edit 3:2: "when" is words/);
  expect(() => plan([{ ...add, strength: 0, when: 'soon' }])).toThrow(InvalidEditError);
});

test('bad edits are refused by name', () => {
  const bad: Partial<Edit>[] = [
    { feature: 10 },
    { feature: -1 },
    { feature: 1.5 },
    { feature: undefined },
    { strength: Number.NaN },
    { strength: 1e39 },
    { mode: 'double' as 'add' },
    { on: 'latent' as 'active' },
    { where: [-1] },
    { where: 'later' },
    { where: 'prompt.generated' },
    { where: [0, '1' as unknown as number] },
    { where: 3 as unknown as string },
    { where: null as unknown as string },
    { direction: { vector: new Float32Array(3) } },
    { direction: { vector: Float32Array.of(1, 2, Number.NaN, 4) } },
    { direction: { vector: new Float32Array(4), relativeToNorm: true } },
    { mode: 'clamp', direction: { vector: new Float32Array(4) } },
    { direction: { random: 0.5 } },
  ];
  for (const fields of bad)
    expect(() => plan([{ ...add, ...fields }]), JSON.stringify(fields)).toThrow(InvalidEditError);
  for (const fields of [{ where: 'later' }, { where: 3 as unknown as string }])
    expect(() => plan([{ ...add, ...fields }])).toThrow(/^Edit 3:2: "where"/);
  expect(() => plan([{ ...add, layer: 4 }])).toThrow(SiteUnavailableError);
  expect(() => plan([{ ...add, layer: 4 }])).toThrow('There is no dictionary at layer 4. Layers with one: ');
  expect(() => plan([add, ...controlOf([add], 1)])).toThrow(/mix/);
  expect(() => plan([...controlOf([add], 1), ...controlOf([add], 2)])).toThrow(/two seeds/);
});

test('a control’s source is the variant with the same edits along their own directions', () => {
  const other = { ...add, strength: 6 };
  const control = controlOf([add], 1);
  expect(sourceOf([[], [add], control], control)).toBe(1);
  expect(sourceOf([[], [other], control], control)).toBe(-1);
  expect(sourceOf([[add], [add]], [add])).toBe(-1);
  const second = controlOf([add], 2);
  expect(sourceOf([control, second, [{ ...add, on: 'active', where: 'all' }]], second)).toBe(2);
  expect(sourceOf([sourceEdits(control)], control)).toBe(0);
});

test('a vector’s control keeps the vector, and is not taken for a feature’s', () => {
  const vector = Float32Array.of(0, 2, 0, 0);
  const along: Edit = { layer: 3, feature: 2, mode: 'add', strength: 5, direction: { vector } };
  const control = controlOf([along], 1);
  expect(plan(control).at(3)!.random).toBe(1);
  expect(plan(control).at(3)!.slots(FIRST)[0]!.vector).toBe(0);
  expect(sourceOf([[add], [along], control], control)).toBe(1);
  expect(sourceOf([[add], control], control)).toBe(-1);
  expect(sourceEdits(control)[0]!.direction).toEqual({ vector });
});
