import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { runNode } from '../run/run-command.mjs';

/** The package as its users have it: built, imported by name, its types under a strict compiler, its examples run. */

const RECIPE = join(root, 'examples/no-chinese.recipe.json');
const TALK = join(root, 'examples/no-products.recipe.json');
const HAN = /\p{Script=Han}/u;
let user = '';

/** A project of somebody else that has the package. */
beforeAll(async () => {
  const { status, output } = await runNode(['scripts/package/sdk.mjs', '--library'], {
    cwd: root,
    idle: 600,
    capture: true,
  });
  expect(output).toBe('');
  expect(status).toBe(0);
  user = mkdtempSync(join(tmpdir(), 'lenslet-user-'));
  mkdirSync(join(user, 'node_modules'));
  symlinkSync(root, join(user, 'node_modules/lenslet'), 'junction');
  writeFileSync(join(user, 'package.json'), '{"type": "module"}');
});
afterAll(() => rmSync(user, { recursive: true, force: true }));

const example = (/** @type {string[]} */ ...args) => runNode(args, { cwd: root, idle: 600, capture: true });

test('the recipes that ship with the examples are measured effects, on the files of the model', async () => {
  expect(await example('examples/make-recipe.mjs', user)).toMatchObject({ status: 0, output: '' });
  const { effects } = JSON.parse(readFileSync(join(root, 'public/models/lenslet-mini/effects.json'), 'utf8'));
  const offered = effects.filter((/** @type {{ shipped: boolean }} */ { shipped }) => shipped);
  const effectOf = (/** @type {string} */ begin) =>
    offered.find((/** @type {{ name: string }} */ { name }) => name.startsWith(begin));
  for (const [file, effect] of /** @type {const} */ ([
    [RECIPE, effectOf('suppress-chinese')],
    [TALK, effectOf('arithmetic')],
  ])) {
    const text = readFileSync(file, 'utf8');
    expect(readFileSync(join(user, basename(file)), 'utf8')).toBe(text);
    const own = effect.edits.map((/** @type {{ where?: string }} */ { where, ...edit }) =>
      expect.objectContaining(edit),
    );
    expect(JSON.parse(text).edits).toEqual(own);
  }
  expect(JSON.parse(readFileSync(RECIPE, 'utf8')).prompt).toBe(effectOf('suppress-chinese').prompt);
});

test('chat.mjs answers one question behind the other; edits that wait for “×” leave a sum as it is', async () => {
  const { status, output } = await example('examples/chat.mjs', TALK, 'What is 59 × 5?', 'What is 59 + 5?');
  expect(status).toBe(0);
  const [edits, product, sum] = output.trimEnd().split('\n\n');
  expect(edits.split('\n')).toHaveLength(5);
  expect(edits).toMatch(/^ablate 0:650, where assistant\.text, when 0:1956 > 10 in turn\n/);
  expect(product).toMatch(
    /^User {6}What is 59 × 5\?\nBaseline {2}59 × 5 = 295\nSteered {3}59 × 5 = (?!295)\d+ {3}\(acted at [1-9]\d* of \d+ steps\)\nControl {3}59 × 5 = 295$/,
  );
  expect(sum).toMatch(
    /^User {6}What is 59 \+ 5\?\nBaseline {2}59 \+ 5 = 64\nSteered {3}59 \+ 5 = 64 {3}\(acted at 0 of \d+ steps\)\nControl {3}59 \+ 5 = 64$/,
  );
  expect((await example('examples/chat.mjs', RECIPE)).output).toMatch(/no-chinese\.recipe\.json asks nothing\./);
});

test('chat.mjs goes on with a begun answer, and keeps answers without the stop sequence that ended them', async () => {
  const recipe = JSON.parse(readFileSync(TALK, 'utf8'));
  const messages = [...recipe.conversation.messages, { role: 'assistant', content: '59 ×' }];
  const sampling = { ...recipe.sampling, stop: [' ='] };
  const file = join(user, 'begun.recipe.json');
  writeFileSync(file, JSON.stringify({ ...recipe, conversation: { messages, open: true }, sampling }));
  const { output } = await example('examples/chat.mjs', file, 'What is 59 + 5?');
  expect(output).toMatch(/\n\nUser {6}What is 59 × 5\?\nBaseline {2}59 × 5\nSteered/);
  expect(output).toMatch(/\n\nUser {6}What is 59 \+ 5\?\nBaseline {2}59 \+ 5\nSteered/);
});

test('recipe.mjs writes baseline, steered and control side by side, with their mean KL', async () => {
  const { status, output } = await example('examples/recipe.mjs', RECIPE);
  expect([status, output]).toEqual([0, expect.stringMatching(/^Model and dictionaries are those of the recipe\.\n/)]);
  const lines = output.split('\n');
  const begin = lines.findIndex((line) => /^Baseline +Steered +Control$/.test(line));
  const end = lines.findIndex((line) => line.startsWith('no edit'));
  expect(begin).toBeGreaterThan(0);
  // The effect itself: what follows the prompt is partly Chinese without the edit and not with it. A column begins
  // where its heading does.
  const steered = lines[begin].indexOf('Steered');
  const text = lines.slice(begin + 1, end).join('');
  expect(HAN.test(text)).toBe(true);
  const widths = (/** @type {string} */ line) =>
    Array.from(line, (character) =>
      HAN.test(character) || /[，。]/.test(character) ? character + character : character,
    ).join('');
  const column = lines
    .slice(begin + 1, end)
    .map((line) => widths(line).slice(steered, lines[begin].indexOf('Control')));
  expect(column.join('')).toMatch(/^[\p{ASCII}↵]+$/u);
  const [, kl, control] =
    /^no edit +mean KL ([\d.]+) \(24 tokens\) +mean KL ([\d.]+) \(24 tokens\)$/.exec(lines[end]) ?? [];
  expect(Number(kl)).toBeGreaterThan(0);
  expect(Number(control)).toBeGreaterThan(0);
  // The control alone is one draw: eight stand beside the edit, as on the page.
  const [, effect, lowest, largest] =
    /^Steered ([\d.]+); 8 random draws of the same \|change\| ([\d.]+) to ([\d.]+)\.$/m.exec(output) ?? [];
  expect(effect).toBe(kl);
  expect(Number(largest)).toBeGreaterThanOrEqual(Number(control));
  expect(Number(lowest)).toBeLessThanOrEqual(Number(control));
});

test('recipe.mjs warns when the model is another, takes another prompt or a conversation, and says what is wrong with a file', async () => {
  const other = join(user, 'other.json');
  const recipe = JSON.parse(readFileSync(RECIPE, 'utf8'));
  const short = {
    ...recipe,
    model: { ...recipe.model, sha256: 'ab'.repeat(32) },
    sampling: { ...recipe.sampling, maxTokens: 2 },
  };
  writeFileSync(other, JSON.stringify(short));
  const warned = await example('examples/recipe.mjs', other, 'The old man');
  expect([warned.status, warned.output]).toEqual([
    0,
    expect.stringMatching(/^Warning: The recipe was made on another model: .*abababab.*\n\nThe old man\n/),
  ]);
  const talk = JSON.parse(readFileSync(TALK, 'utf8'));
  writeFileSync(other, JSON.stringify({ ...talk, sampling: { ...talk.sampling, maxTokens: 1 } }));
  expect((await example('examples/recipe.mjs', other)).output).toMatch(/\n\nuser: What is 59 × 5\?\n\nBaseline /);
  writeFileSync(other, JSON.stringify({ ...recipe, edits: 7 }));
  const refused = await example('examples/recipe.mjs', other);
  expect([refused.status, refused.output]).toEqual([
    1,
    `${other}: "edits" must be a list of at most 64 entries, but is 7.\n`,
  ]);
});

test('read.mjs prints a row a token, with FVU and labelled features', async () => {
  const { status, output } = await example('examples/read.mjs', 'The old man said: 我昨天去了花园。', '--layer', '3');
  expect(status).toBe(0);
  const rows = output.split('\n').slice(3, -1);
  expect(rows.length).toBeGreaterThan(8);
  for (const row of rows) expect(row).toMatch(/ \d\.\d\d {2}(–|\d\.\d\d × \d+ \S)/u);
  expect(output).toMatch(/^ man .*“man”/m);
  expect((await example('examples/read.mjs', 'x', '--layer', '1')).output).toBe(
    'There is no dictionary at layer 1. Layers: 0, 2, 3.\n',
  );
});

test('verbalize.mjs prints a token’s words with what they are worth', async () => {
  const { status, output } = await example(
    'examples/verbalize.mjs',
    'The old man',
    '--token',
    '2',
    '--source',
    'patchscopes',
  );
  expect([status, output]).toEqual([
    0,
    expect.stringMatching(
      /^“ man”, token 2, residual after block 3\. Patchscopes, token identity\.\n\n.+\nRelevancy, from 0\.1 on: /,
    ),
  ]);
  expect((await example('examples/verbalize.mjs', 'The old man', '--token', '9')).output).toBe(
    'Position 9 is outside the text. Positions of this text are 0 to 2.\n',
  );
  expect((await example('examples/verbalize.mjs', 'x', '--source', 'words')).output).toMatch(
    /^There is no source "words" here\. There are (nla, )?selfie, patchscopes\.\n$/,
  );
});

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('the types hold for a strict user: %s, %s', async (module, moduleResolution) => {
  const source = [
    "import { controlOf, CorruptFileError, type Edit, type Lens, openLens, type Recipe, recipeWarnings } from 'lenslet';",
    "import { openDirectory, parseRecipe } from 'lenslet/node';",
    "import { openLens as inWorker } from 'lenslet/worker';",
    "const all: Promise<Lens>[] = [openDirectory('m'), openLens('m/', { provider: 'wasm' }), inWorker('m/')];",
    "const recipe: Recipe = parseRecipe('{}');",
    'const edits: Edit[] = controlOf(recipe.edits, 16);',
    '// @ts-expect-error',
    "edits[0]!.strength = 'strong';",
    'for (const lens of all) recipeWarnings((await lens).recipe(edits, { temperature: 0 }), (await lens).info);',
    'export const isNamed = (error: unknown): boolean => error instanceof CorruptFileError;',
  ].join('\n');
  writeFileSync(join(user, 'use.ts'), source);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2023',
    lib: ['es2023', 'dom'],
    types: [],
    module,
    moduleResolution,
  };
  writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  expect(
    await runNode([join(root, 'node_modules/typescript/bin/tsc'), '-p', user], { cwd: user, idle: 600, capture: true }),
  ).toMatchObject({
    status: 0,
    output: '',
  });
});

test('a page’s bundler takes the worker, and the WebAssembly with it, from `lenslet/worker`', async () => {
  writeFileSync(join(user, 'index.html'), '<script type="module" src="./page.js"></script>');
  writeFileSync(
    join(user, 'page.js'),
    "import { openLens } from 'lenslet/worker';\nglobalThis.opened = openLens('/model/');\n",
  );
  await build({
    root: user,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { target: 'es2023', reportCompressedSize: false },
  });
  const built = readdirSync(join(user, 'dist/assets'));
  expect(built.filter((file) => file.startsWith('engine-worker') && file.endsWith('.js'))).toHaveLength(1);
  expect(built.filter((file) => file.endsWith('.wasm')).map((file) => /asyncify|jspi/.exec(file)?.[0])).toEqual([
    'asyncify',
    'jspi',
  ]);
  // The engine is the worker's alone.
  const page = built.find((file) => file.startsWith('index')) ?? 'none';
  expect(readFileSync(join(user, 'dist/assets', page)).length).toBeLessThan(100_000);
});
