import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Chat } from '../lens/api/chat';
import type { Edit } from '../lens/api/edit';
import {
  AbortedError,
  ContextOverflowError,
  DisposedError,
  InvalidEditError,
  MissingFileError,
  ShapeMismatchError,
  SiteUnavailableError,
} from '../lens/api/errors';
import type { GenerateStep } from '../lens/api/generate';
import type { Lens } from '../lens/api/lens';
import type { Progress } from '../lens/api/open';
import type { VerbalizeStep } from '../lens/api/verbalizer';
import { openLens } from './client';

const folder = '/models/lenslet-mini/';
const text = 'The old man looked at the river.';
const progress: Progress[] = [];
let lens: Lens;

beforeAll(async () => {
  lens = await openLens(folder, { provider: 'wasm', onProgress: (p) => progress.push(p) });
});
afterAll(() => lens.close());

test('opening reports bytes per stage', () => {
  expect(new Set(progress.map((p) => p.stage))).toEqual(new Set(['tokenizer', 'weights', 'dictionary', 'compile']));
  const weights = progress.filter((p) => p.stage === 'weights');
  expect(weights.at(-1)!.loaded).toBe(weights.at(-1)!.total);
  expect(weights.at(-1)!.total).toBeGreaterThan(13e6);
  expect(lens.info.provider).toBe('wasm');
  expect(lens.info.sites.map(({ fvu }) => fvu)).toEqual(
    [0.07549, 0.10693, 0.11515].map((stated) => ({ stated, probe: null, far: false })),
  );
});

test('a trace has its tokens and codes at once and asks for the rest', async () => {
  const trace = await lens.trace(text);
  expect(trace.tokens.map((token) => token.text).join('')).toBe(text);
  expect(trace.site(3).ids).toHaveLength(trace.tokens.length * 16);
  expect(() => trace.site(1)).toThrow(SiteUnavailableError);
  expect(await trace.residual(3, 1)).toHaveLength(256);
  expect(await trace.top(2, 5)).toHaveLength(5);
  expect(await trace.lens(3, 2, 5)).toHaveLength(5);
  expect((await trace.surprisal()).length).toBe(trace.tokens.length);
  expect((await lens.preview(trace, [lens.steer({ layer: 3, feature: 1933, weight: 1 })])).kl).toBeGreaterThan(0);
  trace.dispose();
  await expect(trace.residual(3, 1)).rejects.toThrow(DisposedError);
});

test('a chat goes through the model’s own template', async () => {
  const trace = await lens.trace('What is 7 × 8?', { chat: true });
  expect(trace.tokens.map((token) => token.text).join('')).toBe(
    '<|im_start|>user\nWhat is 7 × 8?<|im_end|>\n<|im_start|>assistant\n',
  );
  expect(trace.tokens[0]!.special).toBe(true);
  // The text is as it was given, and no conversation was; its tokens know where they stand all the same.
  expect([trace.text, trace.chat]).toEqual(['What is 7 × 8?', null]);
  expect(trace.tokens.map(({ span }) => span?.section)).toContain('content');
  trace.dispose();
});

test('where and when an edit acts, and what came of it, cross the worker', async () => {
  const chat: Chat = { messages: [{ role: 'user', content: 'Where is the old man?' }] };
  const trace = await lens.trace(chat);
  const feature = trace.site(0).ids[3 * 16]!;
  const edit: Edit = { layer: 2, feature: 11, mode: 'add', strength: 50, where: 'user.text', when: `0:${feature} > 0` };
  const active = await lens.activations(trace, 0, feature);
  const [report] = (await lens.preview(trace, [edit])).edits;
  const open = Array.from(active, (z) => Number(z > 0));
  expect(Array.from(report!.open!)).toEqual(open);
  const own = trace.tokens.map(({ span, special }) => span!.role === 'user' && span!.section === 'content' && !special);
  expect(Array.from(report!.acted)).toEqual(open.map((flag, t) => Number(own[t] && flag)));
  trace.dispose();
  for await (const { rows } of lens.generate(chat, { variants: [[edit]], maxTokens: 1 })) {
    expect(rows[0]!.gates).toEqual([open.at(-1) === 1]);
    expect(rows[0]!.section).toBe('content');
  }
  await expect(lens.trace(text, { edits: [{ ...edit, when: '3:1 > 0' }] })).rejects.toThrow('computed later');
});

test('errors keep their class and fields across the worker', async () => {
  const error = await lens.trace('word '.repeat(700)).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ContextOverflowError);
  expect((error as ContextOverflowError).fields).toMatchObject({ room: 512 });
  await expect(lens.trace(text, { edits: [{ layer: 3, feature: -1, mode: 'add', strength: 1 }] })).rejects.toThrow(
    InvalidEditError,
  );
});

test('leaving the loop stops the worker’s run; a signal rejects it', async () => {
  const seen: GenerateStep[] = [];
  for await (const step of lens.generate(text, { maxTokens: 40 })) {
    seen.push(step);
    if (seen.length === 3) break;
  }
  expect(seen.map((step) => step.position)).toEqual([8, 9, 10].map((p) => p + seen[0]!.position - 8));
  const stop = new AbortController();
  const run = (async () => {
    for await (const _ of lens.generate(text, { maxTokens: 40, signal: stop.signal })) stop.abort();
  })();
  await expect(run).rejects.toThrow(AbortedError);
  // The worker is free at once: it wrote only a few of the run's 40 tokens, and the next request does not wait for the
  // rest.
  const whole = performance.now();
  for await (const _ of lens.generate(text, { maxTokens: 40 }));
  const began = performance.now();
  const cut = (async () => {
    for await (const _ of lens.generate(text, { maxTokens: 40 })) break;
  })();
  await cut;
  await lens.tokenize(text);
  expect(performance.now() - began).toBeLessThan((began - whole) / 2);
});

test('a token and a bare vector are put into words; leaving the loop stops the worker’s run', async () => {
  expect((await lens.verbalizers()).sources.map(({ source }) => source).slice(-2)).toEqual(['selfie', 'patchscopes']);
  const trace = await lens.trace(text);
  const seen: VerbalizeStep[] = [];
  for await (const step of lens.verbalize(trace, { source: 'selfie', position: [2, 3] })) {
    seen.push(step);
    if (seen.length === 4) break;
  }
  expect(seen.map(({ position }) => position)).toEqual([2, 3, 2, 3]);
  const row = await lens.decoderRow(3, 1933);
  for await (const { position, relevancy } of lens.verbalize(row, { source: 'patchscopes', maxTokens: 2 })) {
    expect(position).toBeNull();
    expect(relevancy).toBeGreaterThanOrEqual(0);
  }
  expect((await lens.encode(3, [row])).ids).toHaveLength(16);
  await expect(lens.encode(3, [row.subarray(1)])).rejects.toThrow(ShapeMismatchError);
  trace.dispose();
});

test('opening can be stopped, and a folder without a model is named', async () => {
  const stop = new AbortController();
  const opening = openLens(folder, { provider: 'wasm', signal: stop.signal, onProgress: () => stop.abort() });
  await expect(opening).rejects.toThrow(AbortedError);
  await expect(openLens('/models/nothing-here/', { provider: 'wasm' })).rejects.toThrow(MissingFileError);
});

test('other layers come as another lens, and the first one is closed with its traces', async () => {
  const own = await openLens(folder, { provider: 'wasm', sites: [2] });
  const trace = await own.trace(text);
  const next = await own.openSites([0, 3]);
  expect(next.info.sites.map(({ layer }) => layer)).toEqual([0, 3]);
  expect(next.info.openable).toEqual([0, 2, 3]);
  await expect(trace.residual(2, 1)).rejects.toThrow(DisposedError);
  await expect(own.trace(text)).rejects.toThrow(DisposedError);
  await expect(next.openSites([1])).rejects.toThrow(SiteUnavailableError);
  expect((await next.trace(text)).site(3).k).toBe(16);
  await next.close();
});
