import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { runNode } from '../scripts/run/run-command.mjs';
import { expect, test } from './page';

test.use({ engine: 'own' });

const root = fileURLToPath(new URL('..', import.meta.url));

const PAGE = `
import { openLens, recipeWarnings, SiteUnavailableError } from 'lenslet/worker';

const lens = await openLens('/lenslet-mini/', { provider: 'wasm' });
const recipe = lens.recipe([lens.steer({ layer: 3, feature: 1600, weight: -1 })], { temperature: 0, maxTokens: 3 });
const rows = [];
for await (const step of lens.generate('The old man', { ...recipe.sampling, variants: [[], recipe.edits] })) rows.push(step.rows.map((row) => row?.kl));
// The row as a vector does what adding the feature does.
const trace = await lens.trace('The old man');
const along = async (edit) => (await lens.preview(trace, [{ layer: 3, mode: 'add', strength: 50, ...edit }])).kl;
const vector = await lens.decoderRow(3, 1600);
const kl = [await along({ feature: 1600 }), await along({ direction: { vector } })];
const refused = await lens.decoderRow(1, 0).catch((error) => error instanceof SiteUnavailableError);
globalThis.told = { model: recipe.model, warnings: recipeWarnings(recipe, lens.info), rows, kl, refused };
await lens.close();
`;

test('a page of somebody else runs the package’s worker', async ({ page }) => {
  const user = mkdtempSync(join(tmpdir(), 'lenslet-page-'));
  expect(await runNode(['scripts/package/sdk.mjs', '--built'], { cwd: root, idle: 600, capture: true })).toMatchObject({
    status: 0,
  });
  mkdirSync(join(user, 'node_modules'));
  symlinkSync(root, join(user, 'node_modules/lenslet'), 'junction');
  writeFileSync(join(user, 'index.html'), '<script type="module" src="./page.js"></script>');
  writeFileSync(join(user, 'page.js'), PAGE);
  const config = { root: user, configFile: false, logLevel: 'error', publicDir: join(root, 'public/models') } as const;
  await build({ ...config, worker: { format: 'es' }, build: { target: 'es2023', reportCompressedSize: false } });
  const server = await preview({ ...config, preview: { host: '127.0.0.1' } });
  try {
    await page.goto(server.resolvedUrls!.local[0]!);
    const told = await (
      await page.waitForFunction(() => (globalThis as { told?: { kl: number[] } }).told!, null, { timeout: 240_000 })
    ).jsonValue();
    expect(told).toEqual({
      model: { name: 'lenslet-mini', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      warnings: [],
      rows: Array(3).fill([null, expect.any(Number)]),
      kl: [expect.any(Number), expect.any(Number)],
      refused: true,
    });
    expect(told.kl[0]).toBeGreaterThan(0.01);
    expect(told.kl[1]).toBeCloseTo(told.kl[0]!, 5);
  } finally {
    await server.close();
    rmSync(user, { recursive: true, force: true });
  }
});
