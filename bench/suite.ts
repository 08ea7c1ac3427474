import { openGpu } from '../src/lens/engine/device';
import { loadRuntime } from '../src/lens/engine/runtime';
import { createWebGpuCompute } from '../src/lens/kernels/webgpu';
import { DecodeBench } from './decode';
import { decodeRaces } from './decode-races';
import { type Bench, EncodeRaces, topkRace } from './kernels';
import type { BenchOptions, Race, Results } from './results';

const ROUNDS = 20;
const QUICK_ROUNDS = 3;
/** The stand-in model's shape, and Qwen3-1.7B's with its dictionary. */
const SMALL = { d: 256, width: 2048, k: 16 };
const LARGE = { d: 2048, width: 32768, k: 50 };

/** Runs everything on a device of its own. `host` names the browser or runtime; `log` hears of every race that ended. */
export async function runSuite(host: string, options: BenchOptions, log: (text: string) => void): Promise<Results> {
  const began = performance.now();
  const gpu = await openGpu(true);
  const runtime = await loadRuntime();
  const compute = createWebGpuCompute(gpu.device);
  const bench: Bench = { gpu, runtime, compute };
  const rounds = options.quick ? QUICK_ROUNDS : ROUNDS;
  const races: Race[] = [];
  const left: string[] = [];
  const add = async (race: Promise<Race>) => {
    races.push(await race);
    const { title, lines } = races.at(-1)!;
    log(`${title}: ${lines.map((line) => line.ms.toFixed(2)).join(', ')} ms`);
  };
  for (const { width, k } of [SMALL, LARGE]) for (const rows of [1, 8]) await add(topkRace(bench, { rows, width, k }, rounds));
  const small = new EncodeRaces(bench, SMALL);
  for (const rows of [1, 8]) await add(small.run(rows, rounds));
  small.release();
  if (options.quick && gpu.software) left.push('Encode + top-k at d 2048, W 32768: takes minutes on a software adapter; run without --quick.');
  else {
    const large = new EncodeRaces(bench, LARGE);
    for (const rows of [1, 8]) await add(large.run(rows, rounds));
    large.release();
  }
  if (options.model) {
    const decode = await DecodeBench.open(options.model, bench);
    for (const race of decodeRaces(decode, bench, rounds)) await add(race());
    await decode.release();
  } else left.push('Decode steps: run in the browser only.');
  compute.destroy();
  gpu.device.destroy();
  const { name: adapter, software } = gpu;
  return { host, adapter, software, runtime: runtime.flavour, races, left, seconds: (performance.now() - began) / 1000 };
}
