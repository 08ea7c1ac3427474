import { describe, expect, test } from 'vitest';
import { CorruptFileError } from '../api/errors';
import { EFFECTS, json } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { openEffects, parseEffects } from './effects';

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

  test('an edit acts on codes and everywhere unless it says otherwise', () => {
    const { on, where, ...edit } = EFFECTS.effects[0]!.edit;
    expect(parseEffects(withValue('effects.0.edit', edit))[0]!.edit).toEqual({ ...edit, on, where });
    expect(
      parseEffects(withValue('effects.0.edit', { ...edit, on: 'preactivation', where: [0, 5] }))[0]!.edit,
    ).toMatchObject({
      on: 'preactivation',
      where: [0, 5],
    });
  });

  test.each<[string, unknown]>([
    ['format', 'lenslet-effects-2'],
    ['effects', {}],
    ['effects', Array(101).fill(EFFECTS.effects[0])],
    ['effects', [EFFECTS.effects[0], EFFECTS.effects[0]]],
    ['effects.0', null],
    ['effects.0.name', ''],
    ['effects.0.title', 7],
    ['effects.0.shipped', 'yes'],
    ['effects.0.prompt', 'x'.repeat(8001)],
    ['effects.0.chat', 1],
    ['effects.0.edit', undefined],
    ['effects.0.edit.layer', -1],
    ['effects.0.edit.feature', 1.5],
    ['effects.0.edit.mode', 'constructor'],
    ['effects.0.edit.strength', '7'],
    ['effects.0.edit.on', 'both'],
    ['effects.0.edit.where', 'nowhere'],
    ['effects.0.edit.where', [-1]],
    ['effects.0.edit.where', Array(17).fill(1)],
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
