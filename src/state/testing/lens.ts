import type { Prompt } from '../../lens/api/chat';
import type { Preview } from '../../lens/api/edit';
import { AbortedError, SiteUnavailableError } from '../../lens/api/errors';
import type { GeneratedRow, GenerateStep } from '../../lens/api/generate';
import type { Lens, LensInfo } from '../../lens/api/lens';
import { type SiteCodes, UNSTATED } from '../../lens/api/site';
import type { Token } from '../../lens/api/text';
import type { Trace } from '../../lens/api/trace';
import type { Score, VerbalizerInfo, VerbalizerSource } from '../../lens/api/verbalizer';
import { recipeOf } from '../../lens/exchange/recipe';

/** A lens for the tests of the stores: no model, but the interface's behaviour, with a record of the calls and a hand
 *  on when they end. */
export interface FakeLens extends Lens {
  calls: string[];
  /** While true, traces, previews and generated steps wait for `release`. */
  hold: boolean;
  release(): void;
  lose(message: string): void;
  closed: boolean;
  /** The lens that `openSites` gave. */
  successor: FakeLens | null;
  /** What it can verbalize with; a test may put others here. */
  sources: VerbalizerInfo[];
  notice: string | null;
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
    activation: 'topk',
    about: UNSTATED,
    center: 'mean',
    normMedian: 10,
    maximum: new Float32Array(50).fill(10),
    density: null,
    fvu: null,
    sha256: 'd'.repeat(64),
    features: null,
  })),
  effects: [],
  provider: 'wasm',
  adapter: 'none',
  software: false,
  subgroups: false,
  dtype: 'float32',
  format: 'f32',
  origin: null,
  openable: [3, 4],
  memory: { weights: 1000, dictionaries: 400 },
  contextLength: 64,
  contextOfModel: 64,
  chat: false,
  templates: [],
  thinking: false,
  bos: null,
  runtime: 'jspi',
  notices: [],
};

/** A conversation's text: its messages, a line each. */
const textOf = (prompt: Prompt): string =>
  typeof prompt === 'string' ? prompt : prompt.messages.map(({ role, content }) => `${role} ${content}`).join('\n');

const tokensOf = (text: string): Token[] =>
  text.split(/(?= )/).map((part, position) => ({ id: part.length, text: part, position, special: false }));

/** Features at position t: 10 + t and 20 + t, the first the stronger. */
function codesOf(layer: number, count: number): SiteCodes {
  const ids = Uint32Array.from({ length: count * 2 }, (_, i) => (i % 2 ? 20 : 10) + Math.floor(i / 2));
  const values = Float32Array.from({ length: count * 2 }, (_, i) => (i % 2 ? 1 : 2 + Math.floor(i / 2)));
  return {
    layer,
    k: 2,
    ids,
    values,
    fvu: new Float32Array(count).fill(0.1),
    centred: new Float32Array(count).fill(1000),
    active: new Uint32Array(0),
    peak: new Float32Array(0),
    norm: new Float32Array(count).fill(10),
  };
}

const verbalizer = (source: VerbalizerSource, trained: boolean): VerbalizerInfo => ({
  source,
  name: trained ? 'trained pair nla' : source,
  layer: trained ? 3 : null,
  scores: trained,
  variance: trained ? 0.5 : null,
  quality: null,
  bytes: trained ? 1000 : 0,
  memory: trained ? 2000 : 0,
  maxTokens: trained ? 120 : 24,
  temperature: trained ? 0.7 : 0,
});

/** A text is the better the longer it is: error 1 / (1 + its words). */
function scoreOf(text: string): Score {
  const error = 1 / (1 + (text.trim() ? text.trim().split(/\s+/).length : 0));
  return { cosine: 1 - error / 2, error, relative: error / 0.5, fve: 1 - error / 0.5 };
}

/** The fake's explanation of a position, token by token. */
const WORDS = ['English prose.', '\n\nThe words are “ one”.', '\n\nThe token is “ two”.'];

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
    successor: null,
    sources: [verbalizer('nla', true), verbalizer('selfie', false), verbalizer('patchscopes', false)],
    notice: null,
    release: () => {
      const all = waiting;
      waiting = [];
      for (const go of all) go();
    },
    lose: (message) => lost({ reason: 'unknown', message }),
    lost: new Promise((resolve) => {
      lost = resolve;
    }),
    tokenize: async (prompt) => tokensOf(textOf(prompt)),
    trace: async (prompt, { prependBos = true } = {}) => {
      const text = textOf(prompt);
      fake.calls.push(`trace ${text}${prependBos ? '' : ' without bos'}`);
      await gate();
      const tokens = tokensOf(text);
      const trace: Trace = {
        text,
        chat: typeof prompt === 'string' ? null : prompt,
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
      const preview: Preview = {
        moved: [{ id: 1, text: 'x', base: 0.1, edited: edits[0]!.strength }],
        kl: 1,
        reports: [],
        edits: edits.map(() => null),
      };
      return preview;
    },
    async *generate(prompt, options = {}) {
      const variants = options.variants ?? [[]];
      fake.calls.push(
        `generate ${textOf(prompt)} [${variants.map((edits) => edits[0]?.strength ?? 'none').join(' ')}]${options.prependBos === false ? ' without bos' : ''}`,
      );
      for (let i = 0; i < 3; i++) {
        await gate();
        const step: GenerateStep = {
          position: i,
          rows: variants.map((edits) => ({
            ...row(i, edits.length > 0),
            ...(options.alternatives && { alternatives: [{ id: 90, text: ' other', logprob: -0.5 }] }),
          })),
          mass: 1,
          ms: 10,
        };
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
      return [
        {
          source: 'model',
          band: 0,
          peak: 0,
          tokens: [{ id: 1, text: `at ${id}`, position: 0, special: false, value: 5 }],
        },
      ];
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
    verbalizers: async () => ({ sources: fake.sources, notice: fake.notice }),
    async *verbalize(target, options = {}) {
      const { samples = 1, source = 'nla', layer, signal, onProgress } = options;
      const positions = target instanceof Float32Array ? [null] : [options.position ?? 0].flat();
      fake.calls.push(`verbalize ${source} [${positions.join(' ')}] x${samples}`);
      if (target instanceof Float32Array) fake.calls.push(`row at ${layer}, norm ${Math.hypot(...target)}`);
      onProgress?.({ loaded: 1000, total: 1000 });
      for (const [i, word] of WORDS.entries()) {
        await gate();
        const done = i === WORDS.length - 1 ? 'stop' : null;
        const text = WORDS.slice(0, i).join('') + word;
        const relevancy = source === 'nla' ? null : 0.25;
        for (const position of positions) {
          for (let sample = 0; sample < samples; sample++) {
            if (signal?.aborted) throw new AbortedError('Stopped.');
            yield { position, sample, token: i, text, relevancy, done };
          }
        }
      }
    },
    reconstruct: (async (texts: string | readonly string[]) => {
      fake.calls.push(`reconstruct ${[texts].flat().length}`);
      return typeof texts === 'string' ? Float32Array.of(1, 0, 0, 0) : texts.map(() => Float32Array.of(1, 0, 0, 0));
    }) as Lens['reconstruct'],
    score: (async (texts: string | readonly string[], _target: unknown, position?: number) => {
      fake.calls.push(`score ${[texts].flat().length} at ${position}`);
      await gate();
      return typeof texts === 'string' ? scoreOf(texts) : texts.map(scoreOf);
    }) as Lens['score'],
    controls: async (_target, position, { others } = {}) => {
      fake.calls.push(`controls at ${position}`);
      const shuffled = { n: others?.length ?? 64, cosine: 0.55, fve: 0.1, low: 0, high: 0.2 };
      return {
        constant: { cosine: 0.75, error: 0.5, relative: 1, fve: 0 },
        empty: scoreOf(''),
        generic: scoreOf('A text.'),
        shuffled,
      };
    },
    encode: async (layer, vectors) => codesOf(layer, vectors.length),
    decoderRow: async () => Float32Array.of(1, 0, 0, 0),
    recipe: (edits, sampling) => recipeOf(info, edits, sampling),
    steer: ({ layer, feature, weight }) => ({ layer, feature, mode: 'add', strength: weight * 10 }),
    openSites: async (layers, { signal, onProgress } = {}) => {
      fake.calls.push(`openSites ${layers.join(',')}`);
      onProgress?.({ stage: 'dictionary', loaded: 1, total: 2 });
      await gate();
      if (signal?.aborted) throw new AbortedError('Stopped.');
      const missing = layers.find((layer) => !fake.info.openable.includes(layer));
      if (missing !== undefined) throw new SiteUnavailableError(`There is no dictionary of layer ${missing}.`);
      const next = fakeLens();
      const sites = layers.map((layer) => ({ ...info.sites[0]!, layer }));
      Object.assign(next, { info: { ...fake.info, sites }, calls: fake.calls, hold: fake.hold });
      fake.closed = true;
      fake.successor = next;
      return next;
    },
    parity: async ({ onCase } = {}) => {
      const one = {
        name: 'English',
        ok: true,
        residual: 1e-6,
        logit: 1e-5,
        fvu: 0,
        mismatches: 0,
        worst: 'site 3, token 2',
      };
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
