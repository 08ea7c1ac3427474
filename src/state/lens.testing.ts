import { recipeOf } from '../lens/recipe';
import type { GeneratedRow, GenerateStep, Lens, LensInfo, Preview, SiteCodes, Token, Trace } from '../lens/types';

/** A lens for the tests of the stores: no model, but the interface's behaviour, with a record of the calls and a hand on when they end. */
export interface FakeLens extends Lens {
  calls: string[];
  /** While true, traces, previews and generated steps wait for `release`. */
  hold: boolean;
  release(): void;
  lose(message: string): void;
  closed: boolean;
}

const info: LensInfo = {
  han: '',
  model: 'fake',
  sha256: 'f'.repeat(64),
  layers: 6,
  d: 4,
  vocabulary: 100,
  sites: [3, 4].map((layer) => ({
    layer,
    width: 50,
    k: 2,
    center: 'mean',
    normMedian: 10,
    maximum: new Float32Array(50).fill(10),
    density: null,
    sha256: 'd'.repeat(64),
    features: null,
  })),
  effects: [],
  provider: 'wasm',
  adapter: 'none',
  software: false,
  subgroups: false,
  dtype: 'float32',
  contextLength: 64,
  chat: false,
  runtime: 'jspi',
  notices: [],
};

const tokensOf = (text: string): Token[] => text.split(/(?= )/).map((part, position) => ({ id: part.length, text: part, position, special: false }));

/** Features at position t: 10 + t and 20 + t, the first the stronger. */
function codesOf(layer: number, count: number): SiteCodes {
  const ids = Uint32Array.from({ length: count * 2 }, (_, i) => (i % 2 ? 20 : 10) + Math.floor(i / 2));
  const values = Float32Array.from({ length: count * 2 }, (_, i) => (i % 2 ? 1 : 2 + Math.floor(i / 2)));
  return { layer, k: 2, ids, values, fvu: new Float32Array(count).fill(0.1), norm: new Float32Array(count).fill(10) };
}

export function fakeLens(): FakeLens {
  let waiting: (() => void)[] = [];
  let lost: (value: { reason: string; message: string }) => void = () => {};
  const gate = () => (fake.hold ? new Promise<void>((resolve) => waiting.push(resolve)) : Promise.resolve());
  const row = (i: number, edited: boolean): GeneratedRow => ({
    token: edited ? i + 1 : i,
    text: ` ${i}`,
    logprob: -1,
    codes: {},
    acted: edited ? 1 : 0,
    change: edited ? 1 : 0,
    norm: 10,
    kl: edited ? 0.5 : null,
    surprisal: edited ? 2 : null,
    done: null,
  });
  const fake: FakeLens = {
    info,
    calls: [],
    hold: false,
    closed: false,
    release: () => {
      const all = waiting;
      waiting = [];
      for (const go of all) go();
    },
    lose: (message) => lost({ reason: 'unknown', message }),
    lost: new Promise((resolve) => {
      lost = resolve;
    }),
    tokenize: async (text) => tokensOf(text),
    trace: async (text) => {
      fake.calls.push(`trace ${text}`);
      await gate();
      const tokens = tokensOf(text);
      const trace: Trace = {
        text,
        tokens,
        site: (layer) => codesOf(layer, tokens.length),
        reports: () => [],
        residual: async () => new Float32Array(4),
        top: async (position) => [{ id: 1, text: `after ${position}`, logprob: -0.1 }],
        lens: async (layer, position) => [{ id: 2, text: `lens ${layer} ${position}`, logprob: -0.2 }],
        surprisal: async () => new Float32Array(tokens.length).fill(1),
        dispose: () => void fake.calls.push(`dispose ${text}`),
      };
      return trace;
    },
    activations: async (trace) => new Float32Array(trace.tokens.length),
    latents: async (trace) => new Float32Array(trace.tokens.length * 50),
    preview: async (_trace, edits) => {
      fake.calls.push(`preview ${edits.map((e) => e.strength).join(',')}`);
      await gate();
      const preview: Preview = { moved: [{ id: 1, text: 'x', base: 0.1, edited: edits[0]!.strength }], kl: 1, reports: [], edits: edits.map(() => null) };
      return preview;
    },
    async *generate(prompt, options = {}) {
      const variants = options.variants ?? [[]];
      fake.calls.push(`generate ${prompt} [${variants.map((edits) => edits[0]?.strength ?? 'none').join(' ')}]`);
      for (let i = 0; i < 3; i++) {
        await gate();
        const step: GenerateStep = { position: i, rows: variants.map((edits) => row(i, edits.length > 0)), mass: 1, ms: 10 };
        yield step;
      }
    },
    band: async (_prompt, _edits, { seeds }) => {
      fake.calls.push(`band ${seeds.join(',')}`);
      return seeds.map(() => Float32Array.from([0.1, 0.2, 0.3]));
    },
    feature: async (layer, id) => {
      fake.calls.push(`feature ${layer}:${id}`);
      const density = { written: null, heldOut: 0.01 };
      return {
        layer,
        id,
        label: null,
        density,
        maximum: 10,
        maximumFrom: 'statistics',
        histogram: null,
        promoted: [],
        suppressed: [],
        similar: [],
        nearest: [],
      };
    },
    snippets: async (layer, id) => {
      fake.calls.push(`snippets ${layer}:${id}`);
      return [{ source: 'model', band: 0, peak: 0, tokens: [{ id: 1, text: `at ${id}`, position: 0, special: false, value: 5 }] }];
    },
    labels: async (layer) => {
      fake.calls.push(`labels ${layer}`);
      const zeros = new Float32Array(50);
      const labels = Array.from({ length: 50 }, (_, id) => (id === 12 ? `label ${layer}:12` : null));
      return {
        layer,
        labels,
        precision: zeros,
        recall: zeros,
        density: { written: zeros, heldOut: zeros },
        promoted: { per: 1, ids: new Uint32Array(50).fill(7), tokens: { 7: ' seven' } },
      };
    },
    decoderRow: async () => Float32Array.of(1, 0, 0, 0),
    recipe: (edits, sampling) => recipeOf(info, edits, sampling),
    steer: ({ layer, feature, weight }) => ({ layer, feature, mode: 'add', strength: weight * 10 }),
    parity: async ({ onCase } = {}) => {
      const one = { name: 'English', ok: true, residual: 1e-6, logit: 1e-5, fvu: 0, mismatches: 0, worst: 'site 3, token 2' };
      onCase?.(one);
      return [one];
    },
    close: async () => {
      fake.closed = true;
    },
  };
  return fake;
}

/** Until pending promise reactions and zero timeouts are through. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
