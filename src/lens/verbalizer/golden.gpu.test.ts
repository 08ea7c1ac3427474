import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Provider } from '../api/open';
import { openLens } from '../open/open';
import { smallUrlSource } from '../sources/url';
import { collect, testHost } from '../testing/nla';
import { openNla } from './nla';

// The model's own pair against PyTorch, at its golden positions (training/fixtures/golden_nla.py).
const root = '/models/lenslet-mini/';

/** On a software adapter a step of a batch takes a second. There we test the whole answer at one position each of an
 *  English, a Chinese and an arithmetical text, the beginning of every answer, and the reconstructions of one position
 *  of each text. VITE_LENSLET_WHOLE=1 tests everything. */
const WHOLE = { english: 18, chinese: 38, product: 22 } as Record<string, number>;
const BEGINNING = 5;
const isWhole = (provider: Provider) => provider === 'wasm' || Boolean(import.meta.env.VITE_LENSLET_WHOLE);

interface Case {
  text: string;
  position: number;
  vector: string;
  answer: number[];
  complete: boolean;
  explanation: string;
  reconstruction: string;
  cosine: number;
}

interface Golden {
  format: string;
  d: number;
  layer: number;
  texts: Record<string, string>;
  cases: Case[];
}

let golden: Golden;
beforeAll(async () => {
  golden = (await (await fetch(`${root}golden-nla.json`)).json()) as Golden;
  expect(golden.format).toBe('lenslet-golden-nla-1');
  expect(golden.cases.length).toBeGreaterThan(10);
});

const floats = (base64: string) => new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer);
const relative = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((x, i) => x - b[i]!)) / Math.hypot(...b);
const greedy = { samples: 1, seed: 1, temperature: 0 };

/** Compares an answer with PyTorch's: all of it, or up to `maxTokens` or the first token that wins narrowly. */
function expectAnswer(
  said: { ids: number[]; text: string },
  { text, position, answer, complete, explanation }: Case,
  maxTokens = answer.length,
): void {
  expect(said.ids.slice(0, answer.length), `${text}, token ${position}`).toEqual(answer.slice(0, maxTokens));
  if (!complete || maxTokens < answer.length) return;
  expect(said.ids.length).toBe(answer.length);
  expect(said.text).toBe(explanation);
}

describe.each<Provider>(['wasm', 'webgpu'])('the pair on %s', (provider) => {
  let host: Awaited<ReturnType<typeof testHost>>;
  let nla: NonNullable<Awaited<ReturnType<typeof openNla>>>;
  beforeAll(async () => {
    host = await testHost(provider);
    nla = (await openNla(smallUrlSource(root), host, { d: golden.d, layers: golden.layer + 1 }))!;
  });
  afterAll(async () => {
    await host.queue.run(() => nla.release());
    host.close();
  });

  /** Tests answers at positions of several texts side by side. Each case's number stands for its position, since greedy
   *  answers do not depend on the position. */
  async function expectAnswers(cases: Case[], most?: number): Promise<void> {
    const targets = cases.map(({ vector }, i) => ({ position: i, vector: floats(vector) }));
    const maxTokens = most ?? Math.max(...cases.map(({ answer }) => answer.length));
    const said = await collect(nla.verbalize(targets, { ...greedy, maxTokens }));
    for (const [i, one] of cases.entries()) expectAnswer(said.get(`${i}:0`)!, one, most);
  }

  test('greedy answers are PyTorch’s, whole or in their beginning, at every golden position', async () => {
    if (isWhole(provider)) return expectAnswers(golden.cases);
    const whole = golden.cases.filter(({ text, position }) => WHOLE[text] === position);
    expect(whole.map(({ complete }) => complete)).toEqual([true, true, true]);
    await expectAnswers(whole);
    await expectAnswers(golden.cases, BEGINNING);
  });

  test('reconstructions are PyTorch’s at golden positions of every text', async () => {
    const texts = new Set(golden.cases.map(({ text }) => text));
    const cases = isWhole(provider)
      ? golden.cases
      : [...texts].map((name) => golden.cases.find(({ text }) => text === name)!);
    expect(cases.length).toBeGreaterThanOrEqual(7);
    const made = await nla.reconstruct(cases.map(({ explanation }) => explanation));
    for (const [i, { reconstruction, text, position }] of cases.entries())
      expect(relative(made[i]!, floats(reconstruction)), `${text}, token ${position}`).toBeLessThan(1e-4);
  });
});

describe('through the lens, on wasm', () => {
  test('a trace’s own residuals say the same, and score the same', async () => {
    const lens = await openLens(root, { provider: 'wasm' });
    for (const [name, text] of Object.entries(golden.texts)) {
      const cases = golden.cases.filter((one) => one.text === name);
      const trace = await lens.trace(text);
      const maxTokens = Math.max(...cases.map(({ answer }) => answer.length));
      const said = await collect(
        lens.verbalize(trace, { position: cases.map(({ position }) => position), source: 'nla', ...greedy, maxTokens }),
      );
      for (const one of cases) {
        expect(relative(await trace.residual(golden.layer, one.position), floats(one.vector))).toBeLessThan(1e-4);
        expectAnswer(said.get(`${one.position}:0`)!, one);
        const { cosine } = await lens.score(one.explanation, trace, one.position);
        expect(Math.abs(cosine - one.cosine), `${name}, token ${one.position}`).toBeLessThan(1e-4);
      }
      trace.dispose();
    }
    await lens.close();
  });
});
