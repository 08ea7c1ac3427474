import type { Page } from '@playwright/test';
import type { Lens } from '../src/lens/api/lens';
import type { Score, VerbalizeOptions, VerbalizerInfo, VerbalizeStep } from '../src/lens/api/verbalizer';

export interface Told {
  /** Milliseconds a token. */
  pace?: number;
  /** FVE of a sample's whole text, sample by sample. */
  fve?: readonly number[];
  /** Takes the place of the pair's facts. */
  info?: Partial<VerbalizerInfo>;
  /** A pair that is loaded, and that waits for `goOn` after the first of 3 MB and again after the fourth token. */
  holds?: boolean;
}

declare global {
  interface Window {
    goOn?: () => void;
  }
}

/** Lets a verbalizer that holds go on, once it waits. */
export async function goOn(page: Page): Promise<void> {
  await page.waitForFunction(() => window.goOn !== undefined);
  await page.evaluate(() => window.goOn!());
}

/** Puts a verbalizer of known words and scores in the place of the model's own, before the page asks for any. Its words
 *  name what stands before the token; a text is worth its sample's FVE times the share of the sample's sentences that
 *  it holds. */
export async function tellWords(page: Page, told: Told = {}): Promise<void> {
  await page.addInitScript(install, told);
}

function install({ pace = 2, fve = [0.8], info = {}, holds = false }: Told): void {
  const V = 0.7;
  const facts: VerbalizerInfo = {
    source: 'nla',
    name: 'trained pair nla',
    layer: 3,
    scores: true,
    variance: V,
    quality: null,
    bytes: 3e6,
    memory: 6e6,
    maxTokens: 96,
    temperature: 0.7,
    ...info,
  };
  const asScore = (own: number): Score => {
    const error = (1 - own) * V;
    return { cosine: 1 - error / 2, error, relative: 1 - own, fve: own };
  };
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const known = new Map<string, { sentences: string[]; worth: number }>();
  let loaded = !holds;
  const held = () =>
    new Promise<void>((resolve) => {
      window.goOn = () => {
        delete window.goOn;
        resolve();
      };
    });
  const sentencesOf = (text: string) => text.split(/(?<=[.])\s+(?!”)/);

  const patch = (lens: Lens) => {
    const words = (before: string, token: string, sample: number) =>
      `${['English prose told simply.', 'A story in English prose.', 'A poem, perhaps.'][sample % 3]} It is inside quoted speech.\n\n` +
      `The words just before are “${before}”.\n\nThe token is “${token}”. Next may come “.”, “ and” or “ river”.`;
    const own: Partial<Lens> = {
      verbalizers: async () => ({ sources: [facts], notice: null }),
      async *verbalize(target, options: VerbalizeOptions = {}) {
        const { samples = 1, signal, onProgress, position } = options;
        if (!loaded) {
          onProgress?.({ loaded: 1e6, total: 3e6 });
          await held();
          onProgress?.({ loaded: 3e6, total: 3e6 });
        }
        loaded = true;
        const positions = target instanceof Float32Array ? [null] : [position ?? 0].flat();
        const texts = positions.map((at) =>
          Array.from({ length: samples }, (_, sample) => {
            const tokens =
              target instanceof Float32Array ? [] : target.tokens.slice(0, at! + 1).map(({ text }) => text);
            const text = words(tokens.slice(-4, -1).join('') || ' nothing', tokens.at(-1) ?? ' row', sample);
            known.set(text, { sentences: sentencesOf(text), worth: fve[sample % fve.length]! });
            return text;
          }),
        );
        const pieces = texts.map((list) => list.map((text) => text.split(/(?= )/)));
        const longest = Math.max(...pieces.flat().map((list) => list.length));
        for (let t = 0; t < longest; t++) {
          await wait(pace);
          if (holds && t === 4) await held();
          for (const [i, at] of positions.entries()) {
            for (let sample = 0; sample < samples; sample++) {
              const list = pieces[i]![sample]!;
              if (t >= list.length) continue;
              signal?.throwIfAborted();
              const relevancy = facts.scores ? null : (t % 5) / 5;
              const step: VerbalizeStep = {
                position: at,
                sample,
                token: t,
                text: list.slice(0, t + 1).join(''),
                relevancy,
                done: t === list.length - 1 ? 'stop' : null,
              };
              yield step;
            }
          }
        }
      },
      score: (async (texts: string | readonly string[]) => {
        const one = (text: string) => {
          const best = [...known.values()].map(
            ({ sentences, worth }) => (worth * sentences.filter((s) => text.includes(s)).length) / sentences.length,
          );
          return asScore(Math.max(-0.2, ...best));
        };
        await wait(5);
        return typeof texts === 'string' ? one(texts) : texts.map(one);
      }) as Lens['score'],
      reconstruct: (async (texts: string | readonly string[]) => {
        const trace = await lens.trace('He looked at the river');
        const vector = await trace.residual(3, 4);
        trace.dispose();
        return typeof texts === 'string' ? vector : texts.map(() => vector);
      }) as Lens['reconstruct'],
      controls: async () => ({
        constant: asScore(0),
        empty: asScore(-0.31),
        generic: asScore(0.04),
        shuffled: { n: 64, cosine: 0.7, fve: 0.12, low: -0.02, high: 0.24 },
      }),
    };
    Object.assign(lens, own);
  };
  let open: Lens | undefined;
  Object.defineProperty(window, 'lenslet', {
    configurable: true,
    get: () => open,
    set: (lens: Lens | undefined) => {
      if (lens && lens !== open) patch(lens);
      open = lens;
    },
  });
}
