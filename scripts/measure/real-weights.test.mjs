import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { caseRow, lossRow } from './real/gather.mjs';
import { render } from './real/report.mjs';
import { withModel } from './real-weights.mjs';

const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
/** @type {import('./real/gather.mjs').Figures} */
const figures = JSON.parse(read('docs/real-weights.json'));

/** Relative for residuals, nats for log-probabilities, logits for near ties: float32 sums in another order stay below. */
const LIMITS = { residual: 5e-5, logprob: 1e-3, lead: 1e-2 };

test('docs/real-weights.md says what docs/real-weights.json says', () => {
  expect(read('docs/real-weights.md')).toBe(render(figures));
});

test('every case agrees with transformers, and float32 with llama.cpp', () => {
  expect(figures.models.map(({ name }) => name)).toContain('SmolLM2-135M-Instruct');
  for (const { name, cases, others } of figures.models) {
    expect(others.logits.logprob, name).toBeLessThan(LIMITS.logprob);
    for (const { provider, format, positions, same, residuals, logits, llama, greedy } of cases) {
      const of = `${name}, ${provider}, ${format}`;
      expect(same, of).toBe(true);
      expect(Math.max(...residuals), of).toBeLessThan(LIMITS.residual);
      expect(logits.logprob, of).toBeLessThan(LIMITS.logprob);
      expect(logits.likeliest, of).toBe(positions);
      if (format === 'f32') expect(llama?.logprob, of).toBeLessThan(LIMITS.logprob);
      for (const { tokens, equal, lead, llama } of Object.values(greedy)) {
        // Where they part, it is at a near tie.
        expect(equal === tokens || (lead !== null && lead < LIMITS.lead), of).toBe(true);
        // llama.cpp does not say by how much a token leads.
        if (llama) expect(llama.equal, of).toBe(llama.tokens);
      }
    }
  }
});

test('the loss of q4 is not given from weights that were rounded to 4 bits before', () => {
  for (const { losses } of figures.models) expect(losses.map(({ format }) => format)).not.toContain('q4');
});

test('a figure that changed changes the page, and a model takes the place of its earlier figures', () => {
  const [model, ...others] = figures.models;
  const [first, ...cases] = model.cases;
  const changed = { ...model, cases: [{ ...first, residuals: [9.87e-4, ...first.residuals.slice(1)] }, ...cases] };
  expect(render({ models: [changed, ...others] })).toContain('9.9e−4');
  expect(withModel(figures, changed).models).toEqual([...others, changed]);
});

describe('figures of a run', () => {
  test('a case is as bad as its worst text, block by block', () => {
    const opened = { ms: 1, bytes: 2, adapter: 'a', dtype: 'float32', where: 'here' };
    const text = (/** @type {number[]} */ residuals, /** @type {boolean | null} */ rendered) => ({
      tokens: 10,
      ids: true,
      rendered,
      residuals,
      logits: { logprob: residuals[0], likeliest: 9 },
      llama: null,
    });
    const row = caseRow(
      { provider: 'wasm', format: 'q8' },
      { opened, texts: { a: text([1, 5], null), b: text([2, 3], true) }, greedy: {} },
    );
    expect(row).toMatchObject({ positions: 20, same: true, residuals: [2, 5], logits: { logprob: 2, likeliest: 18 } });
    expect(row.llama).toBeNull();
    const other = { a: text([1, 5], null), b: text([2, 3], false) };
    expect(caseRow({ provider: 'wasm', format: 'q8' }, { opened, texts: other, greedy: {} }).same).toBe(false);
  });

  test('a loss is compared window by window', () => {
    const row = lossRow('q8', { tokens: 6, window: 3, nats: [2, 4], sites: {} }, { nats: [1, 2] });
    expect(row).toMatchObject({ nats: 3, more: 1.5 });
    expect(row.error).toBeCloseTo(0.5, 12);
  });
});
