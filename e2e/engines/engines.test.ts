import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, test } from 'vitest';
import { firefoxPath, mustHave, NO_FIREFOX, NO_WEBKIT, webKitPaths } from '../../scripts/install/engines.mjs';
import { DIST, serve } from '../static-host';
import type { Engine } from './engine';
import { computeExpected, type Expected } from './expected';
import { openFirefox } from './firefox';
import { STEPS } from './main-job';
import { openWebKit } from './webkit';

const PICTURES = 'test-results/engines';

let expected: Expected;

beforeAll(async () => {
  expected = await computeExpected('The old man looked at the');
});

/** Opens an engine and goes through the job. A failure names its step, and leaves a picture. */
async function job(name: string, open: () => Promise<Engine>): Promise<void> {
  const engine = await open();
  const host = await serve(DIST);
  try {
    for (const step of STEPS) {
      const began = performance.now();
      try {
        await step.run(engine, host, expected);
      } catch (error) {
        mkdirSync(PICTURES, { recursive: true });
        writeFileSync(`${PICTURES}/${name}.png`, await engine.picture().catch(() => Buffer.alloc(0)));
        if (error instanceof Error) error.message = `${engine.name}, “${step.name}”: ${error.message}`;
        throw error;
      }
      console.log(`${engine.name} ${step.name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
  } finally {
    await engine.close();
    await host.close();
  }
}

const firefox = firefoxPath();
const webkit = webKitPaths();

/** Where an engine must be there, a missing one is a failure; elsewhere the test is skipped, and says what to
 *  install. */
function inEngine(name: string, path: unknown, missing: string, open: () => Promise<Engine>): void {
  if (path || mustHave()) {
    test(`the main job in ${name}`, () => {
      if (!path) throw new Error(missing);
      return job(name.toLowerCase(), open);
    });
  } else test.skip(`the main job in ${name}. ${missing}`, () => {});
}

inEngine('Firefox', firefox, NO_FIREFOX, () => openFirefox(firefox!));
inEngine('WebKit', webkit, NO_WEBKIT, () => openWebKit(webkit!));
