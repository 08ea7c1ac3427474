import { describe, expect, test } from 'vitest';
import type { Edit } from '../api/edit';
import { CorruptFileError } from '../api/errors';
import { EFFECTS, json } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { effectsWithin, openEffects, parseEffects } from './effects';

/** The effects with one value at a path of keys replaced, or removed. */
function withValue(path: string, value: unknown): unknown {
  const root = structuredClone(EFFECTS) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  let at = root;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[keys.at(-1)!];
  else at[keys.at(-1)!] = value;
  return root;
}

describe('effects.json', () => {
  test('is read as it stands; a folder without it has none', async () => {
    expect(await openEffects(memoryFolder('m', { 'effects.json': json(EFFECTS) }))).toEqual(EFFECTS.effects);
    expect(await openEffects(memoryFolder('m', {}))).toEqual([]);
  });

  test('an edit acts by the default of its mode and everywhere, unless it says otherwise', () => {
    const [{ on, where, ...added }, clamped] = EFFECTS.effects[0]!.edits as [Edit, Edit];
    const read = (edit: unknown) => parseEffects(withValue('effects.0.edits.0', edit))[0]!.edits[0];
    expect(read(added)).toEqual({ ...added, on, where });
    expect(read({ ...clamped, on: undefined })).toMatchObject({ mode: 'clamp', on: 'everywhere', where: 'generated' });
    expect(read({ ...added, on: 'preactivation', where: [0, 5] })).toMatchObject({
      on: 'preactivation',
      where: [0, 5],
    });
  });

  test('what was not measured is missing and not made up', () => {
    for (const key of ['range', 'beside', 'strongestChange', 'strongestOther'] as const)
      expect(parseEffects(withValue(`effects.0.${key}`, undefined))[0]![key], key).toBeNull();
  });

  test('of the earlier format keeps its one edit and its meaning', () => {
    const { range: _, beside, edits, tried, outcome, strongestChange, strongestOther, ...common } = EFFECTS.effects[0]!;
    const read = (edit: object) =>
      parseEffects({
        format: 'lenslet-effects-1',
        effects: [{ ...common, edit: { layer: 3, feature: 2, ...edit } }],
      })[0];
    expect(read({ mode: 'ablate', strength: 2, on: 'code' })).toEqual({
      ...common,
      range: null,
      beside: null,
      edits: [{ layer: 3, feature: 2, mode: 'ablate', strength: 2, on: 'active', where: 'all' }],
      tried: 'held-out prompts',
      outcome: 'show it',
      strongestChange: null,
      strongestOther: null,
    });
    expect(read({ mode: 'clamp', strength: -5 })!.edits[0]!.on).toBe('active');
    // Was off.
    expect(read({ mode: 'clamp', strength: 0 })!.edits[0]!.mode).toBe('add');
    expect(() => parseEffects({ format: 'lenslet-effects-1', effects: EFFECTS.effects })).toThrow(CorruptFileError);
  });

  test('an effect one of whose features is not open is left out', () => {
    const effects = parseEffects(EFFECTS);
    const within = (three: number, four?: number) =>
      effectsWithin(
        effects,
        new Map(
          four === undefined
            ? [[3, three]]
            : [
                [3, three],
                [4, four],
              ],
        ),
      );
    expect(within(3, 4)).toEqual(effects);
    expect(within(3, 3)).toEqual([]);
    expect(within(2, 4)).toEqual([]);
    expect(within(3)).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['format', 'lenslet-effects-3'],
    ['format', 'lenslet-effects-1'],
    ['effects', {}],
    ['effects', Array(101).fill(EFFECTS.effects[0])],
    ['effects', [EFFECTS.effects[0], EFFECTS.effects[0]]],
    ['effects.0', null],
    ['effects.0.name', ''],
    ['effects.0.title', 7],
    ['effects.0.shipped', 'yes'],
    ['effects.0.prompt', 'x'.repeat(8001)],
    ['effects.0.chat', 1],
    ['effects.0.edits', undefined],
    ['effects.0.edits', []],
    ['effects.0.edits', EFFECTS.effects[0]!.edits[0]],
    ['effects.0.edits', Array(6).fill(EFFECTS.effects[0]!.edits[0])],
    ['effects.0.edits.1', null],
    ['effects.0.edits.0.layer', -1],
    ['effects.0.edits.0.feature', 1.5],
    ['effects.0.edits.0.mode', 'constructor'],
    ['effects.0.edits.0.strength', '7'],
    ['effects.0.edits.0.on', 'codes'],
    ['effects.0.edits.0.where', 'nowhere'],
    ['effects.0.edits.0.where', [-1]],
    ['effects.0.edits.0.where', Array(17).fill(1)],
    ['effects.0.range', 'outside'],
    ['effects.0.beside', 'The old woman'],
    ['effects.0.beside.prompt', ''],
    ['effects.0.beside.tried', undefined],
    ['effects.0.beside.edited.rate', -0.1],
    ['effects.0.beside.baseline', undefined],
    ['effects.0.tried', undefined],
    ['effects.0.outcome', 'x'.repeat(101)],
    ['effects.0.strongestOther.features', []],
    ['effects.0.strongestOther.features.0.feature', 0.5],
    ['effects.0.strongestChange.rate', 2],
    ['effects.0.strongestOther.rate', 2],
    ['effects.0.strongestOther.of', 0],
    ['effects.0.maxTokens', 0],
    ['effects.0.rates.edited', undefined],
    ['effects.0.rates.edited.rate', 1.1],
    ['effects.0.rates.edited.low', 0.99],
    ['effects.0.rates.randomFeatures.n', 0],
    ['effects.0.claim', undefined],
  ])('%s as %j is refused, by its place', (path, value) => {
    expect(() => parseEffects(withValue(path, value))).toThrow(CorruptFileError);
    expect(() => parseEffects(withValue(path, value))).toThrow(/^effects\.json/);
  });
});
