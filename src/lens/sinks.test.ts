import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lens } from './api/lens';
import type { Trace } from './api/trace';
import { openGolden } from './engine/golden';
import { sinksOf } from './maths/sinks';
import { fileFolder, openDirectory } from './node';
import { sourceOfFolder } from './sources/reads';

const folder = 'public/models/lenslet-mini';

let lens: Lens;
beforeAll(async () => {
  lens = await openDirectory(folder);
});
afterAll(() => lens.close());

/** Sinks beyond position 0 at any site, by the site's own median or by the text's. */
const further = (trace: Trace): number[] =>
  lens.info.sites.flatMap(({ layer, normMedian }) =>
    [normMedian, null].flatMap((known) => [...sinksOf(trace.site(layer), known)].filter((t) => t > 0)),
  );

/** |h| of a row, and the largest channel's share of its square. */
function measured(row: Float32Array): [norm: number, share: number] {
  const squares = row.map((x) => x * x);
  const sum = squares.reduce((all, x) => all + x, 0);
  return [Math.sqrt(sum), Math.max(...squares) / sum];
}

test('norms and shares are those of PyTorch’s residuals, of which none marks a sink', async () => {
  const { texts, sites, d, bin } = await openGolden(sourceOfFolder(fileFolder(folder)));
  for (const { name, text, ids, offsets } of texts) {
    const trace = await lens.trace(text);
    for (const layer of sites) {
      const { norm, peak } = trace.site(layer);
      const { residual } = offsets[layer] as { residual: number };
      const own = ids.map((_, t) => measured(bin.subarray(residual + t * d, residual + (t + 1) * d)));
      const apart = own.map(([is, share], t) => Math.max(Math.abs(norm[t]! / is - 1), Math.abs(peak[t]! - share)));
      expect(Math.max(...apart), `${name}, layer ${layer}`).toBeLessThan(1e-4);
    }
    expect(further(trace), name).toEqual([]);
    trace.dispose();
  }
});

test('no prompt of an effect has one beside its first token', async () => {
  expect(lens.info.effects.length).toBeGreaterThan(0);
  for (const { prompt, beside, chat } of lens.info.effects)
    for (const text of [prompt, ...(beside ? [beside.prompt] : [])]) {
      const trace = await lens.trace(text, { chat });
      expect(further(trace), text).toEqual([]);
      trace.dispose();
    }
});
