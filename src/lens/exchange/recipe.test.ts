import type { InferOutput } from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Edit } from '../api/edit';
import { CorruptFileError, InvalidEditError, InvalidOptionError, LensError } from '../api/errors';
import type { LensInfo } from '../api/lens';
import type { Recipe } from '../api/recipe';
import { type SiteInfo, UNSTATED } from '../api/site';
import { seeded } from '../testing/fixtures';
import { recipeOf, recipeWarnings } from './recipe';
import { parseRecipe, writeRecipe } from './recipe-file';
import type { recipeSchema } from './recipe-schema';

const hash = (digit: string) => digit.repeat(64);
const site = (layer: number, sha256: string | null): SiteInfo => ({
  layer,
  width: 50,
  k: 2,
  activation: 'topk',
  about: UNSTATED,
  center: 'mean',
  normMedian: null,
  maximum: null,
  density: null,
  fvu: null,
  sha256,
  features: null,
});

const INFO = {
  bos: null,
  model: 'https://example.org/models/lenslet-mini/',
  sha256: hash('a'),
  d: 3,
  sites: [site(4, hash('4')), site(3, hash('3'))],
} as LensInfo;

const vector = Float32Array.of(0.1, -1e-30, 3e38);
/** Every form that an edit has. */
const EDITS: Edit[] = [
  { layer: 3, feature: 7, mode: 'add', strength: -101.919 },
  { layer: 3, feature: 0, mode: 'scale', strength: -1, on: 'active', where: 'all' },
  { layer: 3, feature: 0, mode: 'clamp', strength: 0 },
  { layer: 3, feature: 0, mode: 'clamp', strength: 0, on: 'everywhere' },
  { layer: 3, feature: 49, mode: 'clamp', strength: 1 / 3, on: 'preactivation', where: 'prompt' },
  { layer: 4, feature: 1, mode: 'ablate', strength: 0, where: 'generated', direction: 'feature' },
  { layer: 4, feature: 1, mode: 'ablate', strength: 1, where: [0, 5, 900_000] },
  { layer: 4, feature: 1, mode: 'add', strength: 1, direction: { random: -16 } },
  { layer: 4, mode: 'add', strength: 0.5, direction: { vector } },
  { layer: 4, mode: 'add', strength: 0.5, direction: { vector, relativeToNorm: true } },
  { layer: 4, mode: 'add', strength: 0.5, where: [], direction: { random: 3, of: { vector, relativeToNorm: false } } },
];

const RECIPE = recipeOf(
  INFO,
  EDITS,
  { temperature: 0 },
  { name: 'All of it', prompt: 'The [\n1,\n2] old man\u2028', chat: false },
);

const user = { role: 'user' as const, content: 'How many?' };

describe('a recipe', () => {
  test('of a text says what stands before it where the tokenizer puts something there', () => {
    const said = (bos: string | null, extra: Parameters<typeof recipeOf>[3]) => {
      const { format, prependBos } = recipeOf({ ...INFO, bos }, [], {}, extra);
      return [format, prependBos];
    };
    expect(said('<s>', { prompt: 'a' })).toEqual(['lenslet-recipe-4', true]);
    expect(said('<s>', { prompt: 'a', prependBos: false })).toEqual(['lenslet-recipe-4', false]);
    for (const [bos, extra] of [
      [null, { prompt: 'a' }],
      ['<s>', {}],
      ['<s>', { prompt: 'a', chat: true }],
    ] as const)
      expect(said(bos, extra)).toEqual(['lenslet-recipe-3', undefined]);
  });

  test('names what it was made on, and samples as generate does unless told', () => {
    expect(recipeOf(INFO, [EDITS[0]!], { temperature: 0, seed: undefined })).toEqual({
      format: 'lenslet-recipe-3',
      model: { name: 'lenslet-mini', sha256: hash('a') },
      dictionaries: [{ layer: 3, width: 50, k: 2, sha256: hash('3') }],
      edits: [EDITS[0]],
      sampling: { temperature: 0, topP: 0.95, seed: 16, maxTokens: 48 },
    });
    expect(RECIPE.dictionaries.map(({ layer }) => layer)).toEqual([3, 4]);
  });

  test.each([
    ['https://huggingface.co/Qwen/Qwen3-0.6B/resolve/main/', 'Qwen/Qwen3-0.6B'],
    ['models/lenslet-mini/', 'lenslet-mini'],
    ['C:\\models\\mini', 'mini'],
    ['https://example.org/m/?token=secret', 'm'],
  ])('%s is called %s', (model, name) => {
    expect(recipeOf({ ...INFO, model }, []).model.name).toBe(name);
  });

  test('is read as it was written, bit for bit, in all forms of an edit', () => {
    expect(parseRecipe(writeRecipe(RECIPE))).toEqual(RECIPE);
    for (const edit of EDITS) expect(parseRecipe(writeRecipe(recipeOf(INFO, [edit]))).edits).toEqual([edit]);
    const random = seeded(1);
    const numbers = Float32Array.from({ length: 2000 }, () => (random() - 0.5) * 10 ** (random() * 76 - 38));
    const [edit] = parseRecipe(
      writeRecipe(recipeOf(INFO, [{ layer: 3, mode: 'add', strength: 1, direction: { vector: numbers } }])),
    ).edits;
    expect(edit!.direction).toEqual({ vector: numbers });
  });

  test('is one text, whatever order its keys are in: indented, lists of numbers on a line, a newline at the end', () => {
    const text = writeRecipe(RECIPE);
    const reversed = (value: object) => Object.fromEntries(Object.entries(value).reverse());
    expect(writeRecipe({ ...reversed(RECIPE), edits: EDITS.map(reversed) } as unknown as Recipe)).toBe(text);
    expect(text).toMatch(/^{\n {2}"format": "lenslet-recipe-3",\n {2}"name": "All of it",\n {2}"model": {\n {4}"name"/);
    expect(text).toContain('"where": [0, 5, 900000]');
    expect(text).toContain('"vector": [0.100000001, -1e-30, 3.00000001e+38]');
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text).prompt).toBe(RECIPE.prompt);
  });

  test('of the earlier format keeps its meaning: clamp acts where the feature is active, and at 0 is off', () => {
    const earlier = (edit: object) => {
      const recipe = { ...JSON.parse(writeRecipe(RECIPE)), format: 'lenslet-recipe-1' };
      return parseRecipe(JSON.stringify({ ...recipe, edits: [{ layer: 3, feature: 7, ...edit }] }));
    };
    const at = { layer: 3, feature: 7 };
    expect(earlier({ mode: 'clamp', strength: 2 }).format).toBe('lenslet-recipe-3');
    expect(earlier({ mode: 'clamp', strength: 2 }).edits).toEqual([
      { ...at, mode: 'clamp', strength: 2, on: 'active' },
    ]);
    expect(earlier({ mode: 'clamp', strength: 2, on: 'code' }).edits[0]!.on).toBe('active');
    expect(earlier({ mode: 'clamp', strength: 2, on: 'preactivation' }).edits[0]!.on).toBe('preactivation');
    expect(earlier({ mode: 'clamp', strength: 0, where: 'prompt' }).edits).toEqual([
      { ...at, mode: 'add', strength: 0, where: 'prompt' },
    ]);
    for (const mode of ['add', 'scale', 'ablate'] as const)
      expect(earlier({ mode, strength: 1 }).edits).toEqual([{ ...at, mode, strength: 1 }]);
  });

  test('of the earlier format is written with its meaning too', () => {
    const edits: Edit[] = [
      { layer: 3, feature: 7, mode: 'clamp', strength: 2 },
      { layer: 3, feature: 7, mode: 'clamp', strength: 0 },
    ];
    const held = (format: string) => parseRecipe(writeRecipe({ ...RECIPE, format, edits } as Recipe));
    expect(held('lenslet-recipe-1').format).toBe('lenslet-recipe-3');
    expect(held('lenslet-recipe-1').edits).toEqual([
      { ...edits[0], on: 'active' },
      { ...edits[1], mode: 'add' },
    ]);
    expect(held('lenslet-recipe-2').edits).toEqual(edits);
    expect(() => held('lenslet-recipe-5')).toThrow(CorruptFileError);
  });

  test('has, as it is read, the type that the library promises', () => {
    expectTypeOf<InferOutput<typeof recipeSchema>>().toEqualTypeOf<Recipe>();
  });

  test('that could not be read again is not written', () => {
    expect(() => writeRecipe(recipeOf(INFO, [{ ...EDITS[0]!, strength: Number.NaN }]))).toThrow(CorruptFileError);
    const long = { ...RECIPE, prompt: 'x'.repeat(220_900) };
    expect(() => writeRecipe(long)).toThrow('The text is too long for a recipe: 220,900 characters, at most 200,000.');
    expect(() => writeRecipe(long)).toThrow(InvalidOptionError);
    const messages = [user, { role: 'assistant' as const, content: 'x'.repeat(200_001) }, user];
    const talk = recipeOf(INFO, [], {}, { conversation: { messages } });
    expect(() => writeRecipe(talk)).toThrow(
      'The conversation is too long for a recipe: 200,019 characters, at most 200,000.',
    );
    expect(() => writeRecipe(talk)).toThrow(InvalidOptionError);
    expect(() => writeRecipe(recipeOf(INFO, Array(65).fill(EDITS[0])))).toThrow(/at most 64/);
    expect(() => writeRecipe(recipeOf(INFO, EDITS, { temperature: 11 }))).toThrow(/temperature/);
  });
});

/** The recipe as text with the value at a path of keys replaced, or removed. */
function withValue(path: string, value: unknown): string {
  const root = JSON.parse(writeRecipe(RECIPE)) as Record<string, unknown>;
  const keys = path.split('.');
  let at = root;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[keys.at(-1)!];
  else at[keys.at(-1)!] = value;
  return JSON.stringify(root);
}

test.each<[string, unknown, RegExp]>([
  [
    'format',
    'lenslet-recipe-5',
    /"format" must be one of lenslet-recipe-3, lenslet-recipe-4, lenslet-recipe-1, lenslet-recipe-2, but is "lenslet-recipe-5"/,
  ],
  ['format', undefined, /"format" must be one of .*, but is missing/],
  ['strength', 1, /the key "strength", which is not known here/],
  ['edits.0.wher', 'prompt', /edit 1 has the key "wher"/],
  ['model', null, /"model" must be an object/],
  ['model.sha256', 'A'.repeat(64), /"sha256" must be 64 lower-case/],
  ['dictionaries.1.layer', 3, /must name each layer once/],
  ['dictionaries.1.k', 51, /"k" must be a whole number from 1 to 50/],
  ['edits', 'all', /"edits" must be a list of at most 64/],
  ['edits.0.layer', 1e9, /edit 1: "layer"/],
  ['edits.0.feature', -1, /edit 1: "feature"/],
  ['edits.0.feature', undefined, /edit 1: "feature" must be given where the direction is no vector, but is missing/],
  ['edits.0.mode', 'constructor', /edit 1: "mode" must be one of add, scale, clamp, ablate/],
  ['edits.0.strength', 1e39, /edit 1: "strength"/],
  ['edits.0.strength', '1', /edit 1: "strength"/],
  ['edits.6.where', [0.5], /edit 7: "where"/],
  ['edits.6.where', Array(10_001).fill(0), /edit 7: "where" must be a list of at most 10000/],
  ['edits.7.direction', 'random', /edit 8: direction/],
  ['edits.7.direction.random', 2 ** 60, /edit 8: direction: "random"/],
  ['edits.7.direction.vector', [1], /edit 8: direction has the key "vector"/],
  ['edits.8.direction.vector', [1, null], /edit 9: direction: "vector" must list finite numbers/],
  ['edits.8.mode', 'scale', /edit 9: "mode" must be add where the direction is a vector/],
  ['sampling.topP', 0, /"topP" must be above 0/],
  ['sampling.seed', 0.5, /"seed"/],
  ['sampling.maxTokens', 1e7, /"maxTokens"/],
  ['sampling.repetitionPenalty', 11, /"repetitionPenalty" must be a number from 0.1 to 10/],
  ['prompt', 'x'.repeat(200_001), /"prompt"/],
  ['conversation', { messages: [user] }, /"conversation" must not be there beside "prompt"/],
  [
    'edits.0.when',
    '3:650 > 5 until 7',
    /edit 1: "when" says "3:650 > 5 until 7": a gate that opens above 5 cannot close at 7\.$/,
  ],
  ['edits.0.when', 5, /edit 1: "when" must be a gate such as 3:650 > 5, but is 5/],
])('%s as %j is refused by name', (path, value, message) => {
  expect(() => parseRecipe(withValue(path, value))).toThrow(CorruptFileError);
  expect(() => parseRecipe(withValue(path, value), 'steer.json')).toThrow(message);
});

test('what is no recipe at all is refused by name: too long, nested too deep, prototype keys, not JSON', () => {
  expect(() => parseRecipe(' '.repeat(4_000_001))).toThrow(/4000001 characters; at most 4000000/);
  for (const text of [
    '',
    'null',
    '[]',
    '{"__proto__": {}}',
    `{"format": ${'['.repeat(1e6)}${']'.repeat(1e6)}}`,
    `{"format": ${'{"a":'.repeat(1e5)}0${'}'.repeat(1e5)}}`,
  ])
    expect(() => parseRecipe(text)).toThrow(CorruptFileError);
  const polluted = writeRecipe(RECIPE).replace('"sampling": {', '"sampling": {"__proto__": {"temperature": 1},');
  expect(() => parseRecipe(polluted)).toThrow(/"__proto__", which is not known/);
});

test('four thousand damaged recipes are read or refused by name', () => {
  const whole = writeRecipe(RECIPE);
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '-',
    '1e999',
    'null',
    'true',
    '0.5',
    '"__proto__":',
    '\\u0000',
    '\ud800',
    '9'.repeat(40),
    '\n',
  ];
  let read = 0;
  for (let seed = 0; seed < 4000; seed++) {
    const random = seeded(seed);
    let text = whole;
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
      const at = Math.floor(random() * text.length);
      const kind = random();
      const removed = kind < 0.4 ? 1 : kind < 0.6 ? Math.floor(random() * 40) : 0;
      text =
        text.slice(0, at) +
        (kind < 0.2 || kind >= 0.6 ? pieces[Math.floor(random() * pieces.length)] : '') +
        text.slice(at + removed);
      if (kind > 0.97) text = text.slice(0, at);
    }
    try {
      // A recipe that was read can be written and read again: it holds nothing outside the format.
      const recipe = parseRecipe(text);
      expect(parseRecipe(writeRecipe(recipe))).toEqual(recipe);
      read++;
    } catch (error) {
      if (!(error instanceof LensError)) throw new Error(`Seed ${seed} threw ${String(error)}`, { cause: error });
    }
  }
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(4000);
});

describe('warnings', () => {
  const recipe = recipeOf(INFO, [EDITS[0]!, EDITS[8]!]);
  const here = (over: Partial<LensInfo>): string[] => recipeWarnings(recipe, { ...INFO, ...over });

  test('none where model and dictionaries are the same, under whatever name', () => {
    expect(here({ model: 'elsewhere' })).toEqual([]);
  });

  test('of another model, and of one that cannot be compared', () => {
    expect(here({ sha256: hash('b') })).toEqual([
      'The recipe was made on another model: lenslet-mini (SHA-256 aaaaaaaa…); this is lenslet-mini (bbbbbbbb…).',
    ]);
    expect(here({ sha256: null })).toEqual([
      'Whether the model is the recipe’s, lenslet-mini, cannot be checked: its SHA-256 was not taken here. This is lenslet-mini.',
    ]);
    expect(recipeWarnings({ ...recipe, model: { name: 'x', sha256: null } }, INFO)).toEqual([
      'Whether the model is the recipe’s, x, cannot be checked: the recipe names no SHA-256 of it. This is lenslet-mini.',
    ]);
  });

  test('of another dictionary, by its hash or its size, and of one that cannot be compared', () => {
    const four = INFO.sites[0]!;
    expect(here({ sites: [four, site(3, hash('c'))] })).toEqual([
      'The recipe was made on another dictionary at layer 3 (SHA-256 33333333…, here cccccccc…). Its features are others.',
    ]);
    expect(here({ sites: [four, { ...site(3, hash('3')), k: 5 }] })).toEqual([
      expect.stringMatching(/at layer 3: 50 features, 2 active on a token; this one has 50 and 5/),
    ]);
    expect(here({ sites: [four, site(3, null)] })).toEqual([
      expect.stringMatching(/layer 3 is the recipe’s cannot be checked: its SHA-256 was not taken here/),
    ]);
    expect(recipeWarnings({ ...recipe, dictionaries: [] }, INFO)).toHaveLength(2);
  });

  test('a gate’s dictionary is one of those it was made on', () => {
    const waits = [{ ...EDITS[5]!, when: '3:49 > 5' }];
    const made = recipeOf(INFO, waits);
    expect(made.dictionaries.map(({ layer }) => layer)).toEqual([3, 4]);
    expect(recipeWarnings(made, INFO)).toEqual([]);
    expect(recipeWarnings(made, { ...INFO, sites: [site(3, hash('5')), site(4, hash('4'))] })).toEqual([
      'The recipe was made on another dictionary at layer 3 (SHA-256 33333333…, here 55555555…). Its features are others.',
    ]);
    expect(recipeWarnings(made, { ...INFO, sites: [site(4, hash('4'))] })).toEqual([
      'There is no dictionary at layer 3 here: 1 edit cannot act.',
    ]);
    expect(recipeWarnings(recipeOf(INFO, [{ ...EDITS[5]!, when: '3:50 > 5' }]), INFO)).toEqual([
      'Edit 1 waits for feature 50; layer 3 has features 0 to 49.',
    ]);
    for (const when of [5, null, {}, 'never'])
      expect(() => recipeOf(INFO, [{ ...EDITS[5]!, when } as Edit])).toThrow(InvalidEditError);
  });

  test('of a layer without a dictionary, once', () => {
    expect(here({ sites: [site(3, hash('3'))] })).toEqual([
      'There is no dictionary at layer 4 here: 1 edit cannot act.',
    ]);
    expect(recipeWarnings(recipeOf(INFO, EDITS), { ...INFO, sites: [] })).toEqual([
      'There is no dictionary at layer 3 here: 5 edits cannot act.',
      'There is no dictionary at layer 4 here: 6 edits cannot act.',
    ]);
  });

  test('of edits that the engine would refuse', () => {
    const out = recipeOf(INFO, [
      { ...EDITS[0]!, feature: 50 },
      { layer: 3, mode: 'add', strength: 1, direction: { random: 1, of: { vector: new Float32Array(4) } } },
    ]);
    expect(recipeWarnings(out, INFO)).toEqual([
      'Edit 1 is of feature 50; layer 3 has features 0 to 49.',
      'Edit 2 moves along a vector of 4 numbers; this model’s residual stream has 3.',
    ]);
  });
});
