import { openGpu } from '../src/lens/engine/device';
import { loadRuntime } from '../src/lens/engine/runtime';
import { openConfig } from '../src/lens/folders/config';
import { createWebGpuCompute } from '../src/lens/kernels/webgpu';
import { smallUrlSource } from '../src/lens/sources/url';
import type { Bench } from './entries';
import { encodeRaces, topkRace } from './kernels';
import type { BenchOptions, Race, Results } from './results';

const ROUNDS = 20;
const QUICK_ROUNDS = 3;
/** The stand-in model's shape, and Qwen3-1.7B's with its dictionary. */
const SMALL = { d: 256, width: 2048, k: 16 };
const LARGE = { d: 2048, width: 32768, k: 50 };
const ROWS = [1, 8];

/** Runs everything on a device of its own, which is destroyed at the end. `log` hears of every race that ended. */
export async function runSuite(host: string, options: BenchOptions, log: (text: string) => void): Promise<Results> {
  const began = performance.now();
  const gpu = await openGpu(true);
  const runtime = await loadRuntime();
  const compute = createWebGpuCompute(gpu.device);
  const bench: Bench = { gpu, runtime, compute };
  const rounds = options.quick ? QUICK_ROUNDS : ROUNDS;
  const races: Race[] = [];
  const left: string[] = [];
  const add = (race: Race) => {
    races.push(race);
    log(`${race.title}: ${race.lines.map((line) => line.ms.toFixed(2)).join(', ')} ms`);
  };
  try {
    for (const { width, k } of [SMALL, LARGE])
      for (const rows of ROWS) add(await topkRace(bench, { rows, width, k }, rounds));
    for await (const race of encodeRaces(bench, SMALL, ROWS, rounds)) add(race);
    const large = largeOf(options, gpu.software);
    if (large.list.length > 0) for await (const race of encodeRaces(bench, LARGE, large.list, large.rounds)) add(race);
    if (large.left) left.push(large.left);
    if (options.model) {
      // Loaded here only: the tokenizer's package is of no use outside a browser.
      const { decodeRaces } = await import('./decode-races');
      for await (const race of decodeRaces(bench, options.model, rounds, options.quick)) add(race);
      const { verbalizerRaces } = await import('./verbalizer-races');
      const folder = smallUrlSource(options.model);
      let raced = 0;
      // Whole answers are timed, not steps: few rounds where each takes many seconds.
      for await (const race of verbalizerRaces(
        bench,
        folder,
        await openConfig(folder),
        gpu.software && !options.long ? QUICK_ROUNDS : rounds,
      )) {
        add(race);
        raced++;
      }
      if (raced === 0) left.push('Verbalizer: the model has no trained pair.');
    } else left.push('Decode steps and the verbalizer: in the browser only.');
  } finally {
    compute.destroy();
    gpu.device.destroy();
  }
  const { name: adapter, software } = gpu;
  return {
    host,
    adapter,
    software,
    runtime: runtime.flavour,
    load: '',
    races,
    left,
    seconds: (performance.now() - began) / 1000,
  };
}

/** A software adapter takes seconds for one product with the large dictionary, so there it is cut down unless `long`
 *  asks for all of it. */
function largeOf(
  { quick, long, model }: BenchOptions,
  software: boolean,
): { list: number[]; rounds: number; left: string | null } {
  if (!software || long) return { list: ROWS, rounds: quick ? QUICK_ROUNDS : ROUNDS, left: null };
  const what = `Encode + top-k at d ${LARGE.d}, W ${LARGE.width}`;
  const why = 'many minutes on a software adapter; with --long, or on a GPU';
  if (quick || !model) return { list: [], rounds: 0, left: `${what}: ${why}.` };
  return { list: [1], rounds: QUICK_ROUNDS, left: `${what}, 8 rows and ${ROUNDS} rounds: ${why}.` };
}
