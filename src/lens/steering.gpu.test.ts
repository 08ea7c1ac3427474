import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Chat, Prompt } from './api/chat';
import type { Edit } from './api/edit';
import type { GeneratedRow, GenerateOptions } from './api/generate';
import type { Lens } from './api/lens';
import type { Provider } from './api/open';
import type { Trace } from './api/trace';
import { openFolder } from './index';
import type { EngineLens } from './lens';
import { controlOf } from './maths/control';
import { openLens } from './open/open';
import { smallUrlSource } from './sources/url';

// Steering against PyTorch: training/fixtures/golden.py recomputes everything by a fresh forward pass a step, without
// a cache, a cut or a batch.
interface Report {
  layer: number;
  acted: number[];
  change: number[];
  norm: number[];
}
interface StoredEdit extends Omit<Edit, 'direction'> {
  direction?: { vector: string; relativeToNorm?: boolean };
}
interface Case {
  name: string;
  prompt: string;
  edits: StoredEdit[];
  sampling?: Pick<GenerateOptions, 'stop' | 'repetitionPenalty'>;
  control?: { seed: number };
  /** For each edit with a gate, in their order: the tokens at which it is open. */
  open?: number[][];
  reports: Report[];
  kl: number;
  moved: { id: number; base: number; edited: number }[];
  generation: {
    steps: {
      token: number;
      logprob: number;
      kl: number;
      surprisal: number;
      open?: number[];
      reports: { acted: number; change: number }[];
    }[];
    perplexity: number;
  };
}
interface StoredPrompt {
  name: string;
  text: string;
  ids: number[];
  chat?: Chat;
  /** Runs of tokens: role, turn, section, how many. */
  spans?: [...span: unknown[], tokens: number][];
  /** Names of reserved tokens that are tags around thinking to the tokenizer that reads this prompt. */
  tags?: Record<string, string>;
}
interface GoldenSteer {
  prompts: StoredPrompt[];
  cases: Case[];
}

const folder = '/models/lenslet-mini/';
const golden: GoldenSteer = await (await fetch(`${folder}golden-steer.json`)).json();

function vector(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer);
}

function editsOf(stored: StoredEdit[]): Edit[] {
  return stored.map(({ direction, ...edit }) =>
    direction ? { ...edit, direction: { ...direction, vector: vector(direction.vector) } } : edit,
  );
}

function near(actual: number, expected: number, relative: number, absolute: number, what: string): void {
  if (!(Math.abs(actual - expected) <= absolute + relative * Math.abs(expected)))
    throw new Error(`${what}: ${actual}, PyTorch has ${expected}`);
}

function checkReports(
  actual: { layer: number; acted: ArrayLike<number>; change: ArrayLike<number> }[],
  expected: Report[],
  name: string,
): void {
  for (const { layer, acted, change } of expected) {
    const own = actual.find((report) => report.layer === layer);
    expect(own, `${name}: report of layer ${layer}`).toBeDefined();
    expect(Array.from(own!.acted), `${name}: where the edits acted`).toEqual(acted);
    for (const [t, value] of change.entries())
      near(own!.change[t]!, value, 1e-4, 1e-3, `${name}, layer ${layer}, |change| at ${t}`);
  }
}

/** Rows of one greedy run over variants, each as far as it goes. */
async function rowsOf(
  lens: Lens,
  prompt: Prompt,
  variants: Edit[][],
  options: Partial<GenerateOptions>,
): Promise<GeneratedRow[][]> {
  const out: GeneratedRow[][] = variants.map(() => []);
  for await (const { rows } of lens.generate(prompt, { ...options, variants, temperature: 0 }))
    for (const [i, row] of rows.entries()) if (row) out[i]!.push(row);
  return out;
}

const storedOf = (c: Case) => golden.prompts.find(({ name }) => name === c.prompt)!;
const promptOf = (c: Case): Prompt => storedOf(c).chat ?? storedOf(c).text;
const variedOf = (c: Case) => (c.control ? controlOf(editsOf(c.edits), c.control.seed) : editsOf(c.edits));

async function checkCase(lens: Lens, c: Case): Promise<void> {
  await checkPrompt(lens, c);
  const variants = c.control ? [[], editsOf(c.edits), variedOf(c)] : [[], editsOf(c.edits)];
  // A stop sequence ends the row by itself.
  const maxTokens = c.generation.steps.length + (c.sampling?.stop ? 8 : 0);
  const row = (await rowsOf(lens, promptOf(c), variants, { ...c.sampling, maxTokens })).at(-1)!;
  checkRow(c, row);
  if (c.sampling?.stop) expect(row.at(-1)!.done).toBe('sequence');
}

/** A conversation's text, tokens and spans. */
function checkReading(trace: Trace, { text, ids, spans }: StoredPrompt): void {
  expect(trace.text).toBe(text);
  expect(trace.tokens.map(({ id }) => id)).toEqual(ids);
  const read = trace.tokens.map(({ span }) => span && [span.role, span.turn, span.section]);
  const told = spans?.flatMap((run) => Array.from({ length: run.at(-1) as number }, () => run.slice(0, -1)));
  expect(read).toEqual(told ?? ids.map(() => undefined));
}

/** The lens that a prompt is for: with tags around thinking, the same model with two of its reserved tokens renamed. */
async function lensFor({ tags }: StoredPrompt, lens: Lens, provider: Provider): Promise<Lens> {
  if (!tags) return lens;
  const source = smallUrlSource(folder);
  const json = new TextDecoder().decode(await source.read('tokenizer.json'));
  const renamed = Object.entries(tags).reduce((text, [reserved, tag]) => text.replaceAll(reserved, tag), json);
  const tokenizer = new TextEncoder().encode(renamed);
  const read: typeof source.read = async (path, options) =>
    path === 'tokenizer.json' ? tokenizer : source.read(path, options);
  const tryRead: typeof source.tryRead = async (path, options) =>
    path === 'tokenizer.json' ? tokenizer : source.tryRead(path, options);
  return openFolder({ ...source, read, tryRead }, { provider });
}

/** What the edits do to the prompt, by a trace and by a preview. */
async function checkPrompt(lens: Lens, c: Case): Promise<void> {
  const prompt = promptOf(c);
  const varied = variedOf(c);
  const trace = await lens.trace(prompt, { edits: varied });
  const plain = await lens.trace(prompt);
  checkReading(plain, storedOf(c));
  checkReports(trace.reports(), c.reports, c.name);
  const preview = await lens.preview(plain, varied);
  checkReports(preview.reports, c.reports, `${c.name}, preview`);
  // Where an edit is alone at its site its own report is the site's.
  for (const [i, own] of preview.edits.entries()) {
    if (!own || varied.filter(({ layer }) => layer === own.layer).length > 1) continue;
    const expected = c.reports.filter(({ layer }) => layer === own.layer);
    checkReports([own], expected, `${c.name}, edit ${i}`);
  }
  const gated = preview.edits.flatMap((own) => (own?.open ? [Array.from(own.open)] : []));
  expect(gated, `${c.name}: where the gates are open`).toEqual(c.open ?? []);
  near(preview.kl, c.kl, 1e-3, 1e-4, `${c.name}: KL of the preview`);
  for (const { id, base, edited } of c.moved) {
    const own = preview.moved.find((m) => m.id === id);
    if (!own) continue;
    near(own.base, base, 1e-3, 1e-5, `${c.name}: base probability of ${id}`);
    near(own.edited, edited, 1e-3, 1e-5, `${c.name}: edited probability of ${id}`);
  }
  near(
    Math.abs(preview.moved[0]!.edited - preview.moved[0]!.base),
    Math.abs(c.moved[0]!.edited - c.moved[0]!.base),
    1e-3,
    1e-5,
    `${c.name}: largest move`,
  );
  trace.dispose();
  plain.dispose();
}

/** What a run under the edits wrote. */
function checkRow(c: Case, rows: GeneratedRow[]): void {
  const { steps, perplexity } = c.generation;
  expect(
    rows.map((row) => row.token),
    `${c.name}: greedy text`,
  ).toEqual(steps.map((step) => step.token));
  for (const [i, step] of steps.entries()) {
    const row = rows[i]!;
    near(row.kl!, step.kl, 1e-3, 1e-4, `${c.name}: KL at step ${i}`);
    near(row.surprisal!, step.surprisal, 1e-3, 1e-4, `${c.name}: surprisal at step ${i}`);
    near(row.logprob, step.logprob, 1e-3, 1e-4, `${c.name}: log p at step ${i}`);
    const change = Math.hypot(...step.reports.map((report) => report.change));
    near(row.change, change, 1e-4, 1e-3, `${c.name}: |change| at step ${i}`);
    if (step.open) expect(row.gates, `${c.name}: gates at step ${i}`).toEqual(step.open.map((open) => open === 1));
    expect(row.acted, `${c.name}: acted at step ${i}`).toBe(step.reports.reduce((n, report) => n + report.acted, 0));
  }
  const mean = rows.reduce((sum, row) => sum + row.surprisal!, 0) / rows.length;
  near(Math.exp(mean), perplexity, 1e-3, 0, `${c.name}: perplexity`);
}

// Software WebGPU takes about half a second a decode step: there, one case for each kernel path, and the last two from
// one run.
const TOGETHER = 'all three sites together';
const cutToo = ['add everywhere', 'three edits at one site', TOGETHER, `control of: ${TOGETHER}`];
/** Of this one what it does to the prompt. */
const GATED = 'an edit below a gate opens it for generated tokens';

describe.each<Provider>(['wasm', 'webgpu'])('steering on %s', (provider) => {
  let lens: Lens;
  beforeAll(async () => {
    lens = await openLens(folder, { provider });
  });
  afterAll(() => lens.close());

  const cases = golden.cases.filter(({ name }) => provider === 'wasm' || [...cutToo, GATED].includes(name));
  let written: GeneratedRow[][] = [];
  test.each(cases.map((c) => [c.name, c] as const))('%s', async (_, c) => {
    if (provider === 'wasm' || (c.name !== GATED && !c.name.includes(TOGETHER))) {
      const own = await lensFor(storedOf(c), lens, provider);
      await checkCase(own, c);
      if (own !== lens) await own.close();
      return;
    }
    await checkPrompt(lens, c);
    if (c.name === GATED) return;
    const control = cases.find(({ name }) => name === `control of: ${TOGETHER}`)!;
    if (written.length === 0)
      written = await rowsOf(lens, promptOf(c), [[], editsOf(control.edits), variedOf(control)], {
        maxTokens: control.generation.steps.length,
      });
    checkRow(c, written[c.control ? 2 : 1]!);
  });
});

// The way of a vocabulary too large to read whole rows of: the 1,024 largest logits, and a second readback for the
// surprisals.
test('steering with the logits cut', async () => {
  const lens = await openLens(folder, { provider: 'wasm' });
  const { engine } = lens as EngineLens;
  const whole = engine.wholeRow;
  engine.wholeRow = 0;
  for (const c of golden.cases.filter(({ name }) => cutToo.includes(name))) await checkCase(lens, c);
  const options = { seeds: [3], maxTokens: 4, temperature: 0.7, topP: 0.95, seed: 16 };
  const cut = await lens.band(golden.prompts[0]!.text, editsOf(golden.cases[0]!.edits), options);
  engine.wholeRow = whole;
  expect(cut).toEqual(await lens.band(golden.prompts[0]!.text, editsOf(golden.cases[0]!.edits), options));
  await lens.close();
});
