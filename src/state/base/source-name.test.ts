import { expect, test } from 'vitest';
import { fitsWidth, layerNamed, ofResidual } from './source-name';

test.each([
  ['12-gemmascope-res-16k', 12, true],
  ['11-qwenscope-res-32k', 11, true],
  ['7-res_post_32k-oai', 7, true],
  ['5-llamascope-res-32k', 5, true],
  ['blocks.3.hook_resid_post', 3, true],
  ['res', null, true],
  ['12-gemmascope-mlp-16k', 12, false],
  ['12-gemmascope-att-16k', 12, false],
  ['12-gemmascope-transcoder-16k', 12, false],
  ['5-res_mid_32k-oai', 5, false],
  ['8-att-kk', 8, false],
  ['20-clt-hp', 20, false],
  ['4-tres-dc', 4, false],
  ['blocks.12.hook_mlp_out', 12, false],
  ['blocks.12.hook_resid_pre', 12, false],
])('%s is of layer %s; of the residual: %s', (source, layer, residual) => {
  expect([layerNamed(source), ofResidual(source)]).toEqual([layer, residual]);
});

test.each([
  ['0-x-res-16k', 16_384, true],
  ['0-x-res-16k', 16_000, true],
  ['0-x-res-131k', 131_072, true],
  ['0-x-res-1m', 1 << 20, true],
  ['0-x-res-16k', 65_536, false],
  ['0-x-res-1m', 65_536, false],
  ['0-res-jb', 24_576, true],
])('%s for a width of %s: %s', (source, width, fits) => {
  expect(fitsWidth(source, width)).toBe(fits);
});
