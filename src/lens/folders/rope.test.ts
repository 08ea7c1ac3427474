import { describe, expect, test } from 'vitest';
import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { JsonObject } from '../formats/json';
import { parseRope } from './rope';

const read = (config: Record<string, unknown>) =>
  parseRope(new JsonObject(config, 'config.json'), ['default', 'llama3']);

/** As in Llama 3.1 8B. */
const LLAMA3 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};
const SCALED = { theta: 500_000, scaling: { factor: 8, slow: 1, fast: 4, originalContext: 8192 } };

describe('parseRope', () => {
  test('the base stands at the top or in rope_parameters', () => {
    const plain = { theta: 1e6, scaling: null };
    expect(read({ rope_theta: 1e6 })).toEqual(plain);
    expect(read({ rope_parameters: { rope_type: 'default', rope_theta: 1e6 } })).toEqual(plain);
    expect(read({ rope_theta: 1e6, rope_parameters: { rope_theta: 1e6 }, rope_scaling: null })).toEqual(plain);
    expect(() => read({ rope_theta: 1e6, rope_parameters: { rope_theta: 5 } })).toThrow(CorruptFileError);
    for (const rope_theta of [undefined, null, 0, -1, 1e300, '6', [6]])
      expect(() => read({ rope_theta }), String(rope_theta)).toThrow(CorruptFileError);
  });

  test('the scaling of Llama 3.1 stands in rope_scaling, or with the base in rope_parameters', () => {
    expect(read({ rope_theta: 500_000, rope_scaling: LLAMA3 })).toEqual(SCALED);
    expect(read({ rope_parameters: { ...LLAMA3, rope_theta: 500_000 } })).toEqual(SCALED);
    const both = { rope_theta: 500_000, rope_scaling: LLAMA3, rope_parameters: { ...LLAMA3, rope_theta: 500_000 } };
    expect(read(both)).toEqual(SCALED);
    expect(() => read({ ...both, rope_scaling: { ...LLAMA3, factor: 32 } })).toThrow(CorruptFileError);
    expect(() => read({ ...both, rope_parameters: { rope_theta: 500_000 } })).toThrow(/"rope_scaling" must agree/);
  });

  test.each([
    ['factor', [undefined, 0, 0.5, -8, 1e300, '8', Number.NaN, [8]]],
    ['low_freq_factor', [undefined, 0, -1, 4, 5, 1e300, '1']],
    ['high_freq_factor', [undefined, 0, -1, 1, 0.5, 1e300, '4']],
    ['original_max_position_embeddings', [undefined, 0, -1, 8192.5, 1e300, '8192']],
  ])('a scaling whose %s makes no sense is refused', (key, values) => {
    for (const value of values)
      expect(() => read({ rope_theta: 1e4, rope_scaling: { ...LLAMA3, [key]: value } }), String(value)).toThrow(
        CorruptFileError,
      );
  });

  test('other ways to turn are refused by name', () => {
    for (const rope of [
      { rope_type: 'yarn', factor: 4 },
      { type: 'linear', factor: 4 },
      { rope_type: 'longrope' },
      { rope_type: 'dynamic' },
    ]) {
      const type = rope.rope_type ?? rope.type;
      expect(() => read({ rope_theta: 1e4, rope_scaling: rope })).toThrow(UnsupportedModelError);
      expect(() => read({ rope_theta: 1e4, rope_scaling: rope })).toThrow(
        `config.json: "rope_scaling" is "${type}". Lenslet can build this model only with "rope_scaling" of the type "default" or "llama3".`,
      );
    }
    expect(() => read({ rope_theta: 1e4, partial_rotary_factor: 0.5 })).toThrow(/"partial_rotary_factor" is 0.5/);
    expect(() => read({ rope_parameters: { ...LLAMA3, rope_theta: 1e4, partial_rotary_factor: 0.5 } })).toThrow(
      /"rope_parameters\.partial_rotary_factor" is 0\.5/,
    );
  });

  test('a family that scales nothing refuses llama3', () => {
    const config = new JsonObject({ rope_theta: 1e4, rope_scaling: LLAMA3 }, 'config.json');
    expect(() => parseRope(config, ['default'])).toThrow(UnsupportedModelError);
  });
});
