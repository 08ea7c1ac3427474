import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { isMain, messageOf, root } from '../prepare.mjs';

/** Damaged files of every kind that Lenslet reads and nobody vouches for: `npm run fuzz`, a hundred thousand of each;
 *  `-- --n 1000`, `-- --only zip,pickle`, `-- --from 500000` begins at another seed. Each is read or refused by name
 *  within a second of processor time, in no more memory than it is worth. */

/** A kind is stopped where one input takes this long by the clock: it hangs. */
const HANG = 60_000;

/** @returns {Promise<typeof import('./kinds.mjs')>} */
async function load() {
  const { runnerImport } = await import('vite');
  const file = join(root, 'scripts/fuzz/kinds.mjs');
  return (await runnerImport(file, { root, configFile: false, logLevel: 'warn' })).module;
}

/** In a thread of its own, so that a hang can be seen and ended. */
async function work() {
  const { kind, from, to, shared } = workerData;
  const { fuzz } = await load();
  const seed = new Float64Array(shared);
  parentPort?.postMessage(await fuzz(kind, from, to, (at) => (seed[0] = at)));
}

/** @param {string} kind
 *  @param {number} from
 *  @param {number} to
 *  @returns {Promise<import('../../src/lens/testing/fuzz-run').FuzzReport>} */
function run(kind, from, to) {
  const shared = new SharedArrayBuffer(8);
  const seed = new Float64Array(shared).fill(-1);
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { kind, from, to, shared } });
    let [last, since] = [seed[0], Date.now()];
    const watch = setInterval(() => {
      if (seed[0] !== last) [last, since] = [seed[0], Date.now()];
      else if (Date.now() - since > HANG) reject(new Error(`${kind}, seed ${last}: no end after ${HANG / 1000} s`));
    }, 1000);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`${kind}, seed ${seed[0]}: the thread ended with ${code}`)));
    worker.once('exit', () => clearInterval(watch));
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      n: { type: 'string', default: '100000' },
      only: { type: 'string' },
      from: { type: 'string', default: '0' },
    },
  });
  process.chdir(root);
  const { KINDS } = await load();
  const kinds = values.only?.split(',') ?? KINDS;
  const unknown = kinds.filter((kind) => !KINDS.includes(kind));
  if (unknown.length > 0) throw new Error(`There is no kind ${unknown.join(', ')}; there are ${KINDS.join(', ')}.`);
  const [n, from] = [Number(values.n), Number(values.from)];
  let failed = 0;
  console.log('kind         read  refused  seconds  slowest, ms (seed)  largest growth, MB (seed)');
  for (const kind of kinds) {
    const began = Date.now();
    try {
      const { read, refused, slowest, largest } = await run(kind, from, from + n);
      const figures = [
        String(read).padStart(7),
        String(refused).padStart(7),
        ((Date.now() - began) / 1000).toFixed(1).padStart(7),
      ];
      const worst = [
        `${slowest.ms.toFixed(0)} (${slowest.seed})`.padStart(18),
        `${(largest.bytes / 1e6).toFixed(1)} (${largest.seed})`.padStart(24),
      ];
      console.log([kind.padEnd(11), ...figures, ...worst].join('  '));
    } catch (error) {
      failed++;
      console.log(`${kind.padEnd(11)}  ${messageOf(error)}`);
    }
  }
  return failed === 0 ? 0 : 1;
}

if (!isMainThread) await work();
else if (isMain(import.meta.url)) process.exit(await main());
