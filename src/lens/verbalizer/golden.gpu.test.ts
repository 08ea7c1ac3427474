import { beforeAll, describe, expect, test, vi } from 'vitest';
import { httpFolder } from '../artifacts/http-folder';
import { openLens } from '../open';
import type { Provider } from '../types';
import { openNla } from './nla';
import { collect, testHost } from './nla.testing';

// The model's own pair against PyTorch, at every golden position (training/nla/golden.py).
const root = '/models/lenslet-mini/';
// Whole answers, a batch in lockstep: minutes on a software adapter.
vi.setConfig({ testTimeout: 1_800_000 });

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

/** What was said against what PyTorch says: all of it, or as far as no token wins narrowly. */
function expectAnswer(said: { ids: number[]; text: string }, { text, position, answer, complete, explanation }: Case): void {
  expect(said.ids.slice(0, answer.length), `${text}, token ${position}`).toEqual(answer);
  if (!complete) return;
  expect(said.ids.length).toBe(answer.length);
  expect(said.text).toBe(explanation);
}

test.each<Provider>(['wasm', 'webgpu'])('greedy answers and reconstructions are PyTorch’s at every golden position, on %s', async (provider) => {
  const host = await testHost(provider);
  const nla = (await openNla(httpFolder(root), host, { d: golden.d, layers: golden.layer + 1 }))!;
  const { cases } = golden;
  // Positions of several texts side by side: the case's number stands for the position, which a greedy answer does not depend on.
  const targets = cases.map(({ vector }, i) => ({ position: i, vector: floats(vector) }));
  const maxTokens = Math.max(...cases.map(({ answer }) => answer.length));
  const said = await collect(nla.verbalize(targets, { ...greedy, maxTokens }));
  for (const [i, one] of cases.entries()) expectAnswer(said.get(`${i}:0`)!, one);
  const made = await nla.reconstruct(cases.map(({ explanation }) => explanation));
  for (const [i, { reconstruction, text, position }] of cases.entries())
    expect(relative(made[i]!, floats(reconstruction)), `${text}, token ${position}`).toBeLessThan(1e-4);
  await host.queue.run(() => nla.release());
  host.close();
});

describe('through the lens, on wasm', () => {
  test('a trace’s own residuals say the same, and score the same', async () => {
    const lens = await openLens(root, { provider: 'wasm' });
    for (const [name, text] of Object.entries(golden.texts)) {
      const cases = golden.cases.filter((one) => one.text === name);
      const trace = await lens.trace(text);
      const maxTokens = Math.max(...cases.map(({ answer }) => answer.length));
      const said = await collect(lens.verbalize(trace, { position: cases.map(({ position }) => position), source: 'nla', ...greedy, maxTokens }));
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
