import { expect, test } from 'vitest';
import type { Progress } from '../api/open';
import { configured, type Ort } from '../engine/runtime';
import { otherDictionaries } from '../folders/dictionaries';
import { fileFolder } from '../sources/disk';
import { sourceOfFolder, subfolder } from '../sources/reads';
import { openFolder } from './small';

test('a dictionary from another source than a small model brings its feature data along, and its FVU is measured', async () => {
  const model = sourceOfFolder(fileFolder('public/models/lenslet-mini'));
  const seen: Progress[] = [];
  const lens = await openFolder(
    model,
    {
      provider: 'wasm',
      sites: [2],
      dictionaries: (_, sizes, how) => otherDictionaries(subfolder(model, 'sae/blocks.2.hook_resid_post'), sizes, how),
      onProgress: (p) => seen.push(p),
    },
    async () => configured((await import('onnxruntime-web/wasm')) as unknown as Ort, 'plain'),
  );
  const [{ center, fvu, features }] = lens.info.sites as [(typeof lens.info.sites)[0]];
  expect([center, features !== null, (await lens.labels(2))!.labels.length]).toEqual(['mean', true, 2048]);
  expect(fvu).toMatchObject({ stated: 0.10693, far: false });
  expect(fvu!.probe).toBeCloseTo(0.137, 2);
  expect(lens.info.notices.filter((notice) => /FVU|Left out|other weights/.test(notice))).toEqual([]);
  expect(seen.at(-1)).toEqual({ stage: 'probe', loaded: 1, total: 1 });
  await lens.close();
});
