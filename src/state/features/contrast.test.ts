import { expect, test } from 'vitest';
import type { Prompt } from '../../lens/api/chat';
import type { SiteCodes } from '../../lens/api/site';
import { sinksOf } from '../../lens/maths/sinks';
import { atAddress } from '../model/model-url';
import { createSession } from '../model/session';
import { allPositions } from '../reading/positions';
import { workOf } from '../reading/prompt';
import { createTracer } from '../reading/trace';
import { fakeLens, settled } from '../testing/lens';
import { contrastOf, createContrast } from './contrast';

const plain = (prompt: Prompt) => ({ prompt, bos: true });

const side = (of: SiteCodes, first = false) => {
  const chips = Array.from(of.fvu, (_, from) => ({ text: 'x', from, to: from, special: false }));
  return { codes: of, positions: allPositions({ chips }, { first, template: false, sinks: sinksOf(of, null) }) };
};

/** A text of tokens, each a list of [feature, latent]; k 2. */
const codes = (...tokens: [number, number][][]): SiteCodes => {
  const slots = tokens.flatMap((token) => [...token, [0xffffffff, 0], [0xffffffff, 0]].slice(0, 2));
  return {
    layer: 3,
    k: 2,
    ids: Uint32Array.from(slots, ([id]) => id!),
    values: Float32Array.from(slots, ([, value]) => value!),
    fvu: new Float32Array(tokens.length),
    norm: new Float32Array(tokens.length),
    centred: new Float32Array(tokens.length),
    active: new Uint32Array(0),
    peak: new Float32Array(0),
  };
};

// Position 0 is an outlier in both.
const a = codes(
  [[1, 100]],
  [
    [1, 4],
    [2, 1],
  ],
  [[1, 2]],
);
const b = codes(
  [[3, 100]],
  [
    [1, 1],
    [3, 2],
  ],
  [[1, 1]],
  [[3, 2]],
  [[2, 2]],
);

test('mean latent over the tokens, position 0 left out', () => {
  const list = contrastOf(side(a), side(b), { by: 'mean', top: 9 });
  // 1: (4 + 2) / 2 = 3 and (1 + 1) / 4 = .5; 2: 1 / 2 and 2 / 4; 3: 0 and 4 / 4.
  expect(list.rows).toEqual([
    { id: 1, a: 3, b: 0.5, difference: -2.5 },
    { id: 3, a: 0, b: 1, difference: 1 },
    { id: 2, a: 0.5, b: 0.5, difference: 0 },
  ]);
  expect(list).toMatchObject({ active: 3, dense: 0, tokens: { a: 2, b: 4 } });
});

test('share of tokens on which a feature is active', () => {
  const { rows } = contrastOf(side(a), side(b), { by: 'rate', top: 9 });
  // 1: 2 of 2 and 2 of 4; 2: 1 of 2 and 1 of 4; 3: none and 2 of 4. Ties by lower id.
  expect(rows).toEqual([
    { id: 1, a: 1, b: 0.5, difference: -0.5 },
    { id: 3, a: 0, b: 0.5, difference: 0.5 },
    { id: 2, a: 0.5, b: 0.25, difference: -0.25 },
  ]);
});

test('position 0 counts where it is asked for, and where it is all there is', () => {
  expect(contrastOf(side(a, true), side(b, true), { by: 'mean', top: 1 }).rows[0]!.a).toBeCloseTo(106 / 3);
  expect(contrastOf(side(codes([[7, 2]])), side(b), { by: 'mean', top: 9 }).rows.find(({ id }) => id === 7)!.a).toBe(2);
});

test('dense features are left out and counted, the list is cut', () => {
  const list = contrastOf(side(a), side(b), { by: 'mean', hidden: (id) => id === 1, top: 1 });
  expect(list.rows.map(({ id }) => id)).toEqual([3]);
  expect(list).toMatchObject({ active: 3, dense: 1 });
});

test('two spans of one text are compared by their own tokens', () => {
  const { rows, tokens } = contrastOf(
    { codes: b, positions: [1, 2] },
    { codes: b, positions: [3, 4] },
    { by: 'mean', top: 9 },
  );
  expect(rows).toEqual([
    { id: 1, a: 1, b: 0, difference: -1 },
    { id: 2, a: 0, b: 1, difference: 1 },
    { id: 3, a: 1, b: 1, difference: 0 },
  ]);
  expect(tokens).toEqual({ a: 2, b: 2 });
  // A span of no tokens has no mean, and no feature.
  expect(contrastOf({ codes: b, positions: [] }, { codes: b, positions: [] }, { by: 'mean', top: 9 }).rows).toEqual([]);
});

async function opened(url = 'm/') {
  let fake = fakeLens();
  const engine = createSession(async () => fake);
  const tracer = createTracer(engine, 0);
  const trace = async (prompt: Prompt) => {
    tracer.store.setState({ text: '', chat: null, ...workOf(prompt) });
    await tracer.trace();
  };
  const contrast = createContrast(engine, tracer, trace);
  await engine.open(atAddress(url), 'auto');
  const reopen = async (next: string, change = (lens: typeof fake) => lens) => {
    fake = change(fakeLens());
    await engine.open(atAddress(next), 'auto');
    await settled();
  };
  return { engine, tracer, contrast, trace, reopen };
}

test('A is held while B is typed, and a swap exchanges them', async () => {
  const { tracer, contrast, trace } = await opened();
  await trace('the old man');
  contrast.hold();
  await trace('the sea');
  expect(contrast.store.getState().held!.text).toBe('the old man');
  await contrast.swap();
  expect(contrast.store.getState().held!.text).toBe('the sea');
  expect(tracer.store.getState()).toMatchObject({ text: 'the old man', reading: { text: 'the old man' } });
  contrast.release();
  expect(contrast.store.getState().held).toBeNull();
});

test('a text that was held and became the prompt is held again only where a swap is taken back', async () => {
  const { contrast, trace } = await opened();
  const held = () => contrast.store.getState().held?.text;
  await trace('a');
  contrast.hold();
  await trace('b');
  await contrast.swap();
  contrast.restored('undo', plain('a'), plain('b'));
  expect(held()).toBe('a');
  // This takes the typing of b back, not the swap.
  contrast.restored('undo', plain('b'), plain('a'));
  expect(held()).toBe('a');
  contrast.restored('redo', plain('a'), plain('b'));
  expect(held()).toBe('a');
  contrast.restored('redo', plain('b'), plain('a'));
  expect(held()).toBe('b');
  // Held anew it is the reader's own.
  contrast.release();
  contrast.hold();
  contrast.restored('undo', plain('a'), plain('b'));
  expect(held()).toBe('a');
});

test('a conversation that was held comes back as one', async () => {
  const { tracer, contrast, trace } = await opened();
  const chat = { messages: [{ role: 'user' as const, content: 'hello' }] };
  await trace(chat);
  contrast.hold();
  await trace('the sea');
  await contrast.swap();
  expect(tracer.store.getState().chat).toEqual(chat);
  contrast.restored('undo', plain(chat), plain('the sea'));
  expect(contrast.store.getState().held!.prompt).toEqual(chat);
});

test('A survives the same model opened again, and not another model or another dictionary', async () => {
  const { contrast, trace, reopen } = await opened();
  await trace('the old man');
  contrast.hold();
  await reopen('m/');
  expect(contrast.store.getState()).toMatchObject({ held: { text: 'the old man' }, note: null });
  await reopen('m/', (lens) => ({
    ...lens,
    info: { ...lens.info, sites: lens.info.sites.map((site) => ({ ...site, width: 49 })) },
  }));
  expect(contrast.store.getState().held).toBeNull();
  expect(contrast.store.getState().note).toContain('another model or dictionary');
  // It is of the comparison that was: another text is another.
  await trace('the sea');
  expect(contrast.store.getState().note).toBeNull();
  await reopen('m/');
  await trace('the old man');
  contrast.hold();
  expect(contrast.store.getState().note).toBeNull();
  await reopen('m/', (lens) => ({
    ...lens,
    info: { ...lens.info, sites: lens.info.sites.map((site) => ({ ...site, sha256: 'f00' })) },
  }));
  expect(contrast.store.getState().held).toBeNull();
  await trace('the old man');
  contrast.hold();
  await reopen('other/');
  expect(contrast.store.getState().held).toBeNull();
});
