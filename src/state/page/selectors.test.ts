import { expect, test } from 'vitest';
import { type PageState, selectSinkMedian } from './selectors';

test('while text streams sinks are told by the site’s own median, else by the prompt’s, if it is long enough', () => {
  const median = (normMedian: number | null, tokens: number, layer = 3) =>
    selectSinkMedian(
      {
        engine: { info: { sites: [{ layer: 3, normMedian }] } },
        tracer: { reading: tokens ? { sites: { 3: { norm: new Float32Array(tokens).fill(7) } } } : null },
      } as unknown as PageState,
      layer,
    );
  expect([median(10, 20), median(10, 0)]).toEqual([10, 10]);
  expect([median(null, 20), median(null, 15), median(null, 0)]).toEqual([7, null, null]);
  expect(median(10, 20, 4)).toBeNull();
});
