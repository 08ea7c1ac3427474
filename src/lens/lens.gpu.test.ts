import { describe, expect, test } from 'vitest';
import { openLens } from './open';
import type { Lens, Provider } from './types';

const folder = '/models/lenslet-mini/';

describe.each<Provider>(['wasm', 'webgpu'])('lens on %s', (provider) => {
  let lens: Lens;

  test('opens and agrees with PyTorch at every position', async () => {
    lens = await openLens(folder, { provider });
    console.log(lens.info.adapter, lens.info.notices);
    const t0 = performance.now();
    const cases = await lens.parity({ onCase: (c) => console.log(JSON.stringify(c), Math.round(performance.now() - t0)) });
    expect(cases.filter((c) => !c.ok)).toEqual([]);
  });
});
