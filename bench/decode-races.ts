import { generate } from '../src/lens/engine/generate';
import type { Carries, DecodeBench } from './decode';
import { PROMPT, step } from './decode';
import { countDispatches } from './dispatches';
import type { Bench } from './kernels';
import type { Goal, Line, Race } from './results';
import { type Competitor, race } from './rounds';

export function decodeRaces(decode: DecodeBench, bench: Bench, rounds: number): (() => Promise<Race>)[] {
  const steps = (title: string, list: { carries: Carries; rows: number }[], goals: (lines: Line[]) => Goal[]) => () =>
    stepRace(decode, bench, title, list, rounds, goals);
  return [
    steps(
      'Decode step by variants, edits on all but the first',
      [1, 2, 4, 8].map((rows) => ({ carries: 'edits', rows })),
      (lines) => [eightUnderTwo(lines)],
    ),
    steps(
      'Decode step by what it carries, 2 variants',
      (['nothing', 'cuts', 'codes', 'edits'] as const).map((carries) => ({ carries, rows: 2 })),
      (lines) => [cutCostsOne(lines, decode.cuts)],
    ),
    () => generateRace(decode, bench, rounds),
  ];
}

/** Our pipelines' labels begin in lower case, ONNX Runtime's are operators' names. */
export const isOurs = (label: string) => /^[a-z]/.test(label);

async function stepRace(
  decode: DecodeBench,
  { compute, gpu }: Bench,
  title: string,
  list: { carries: Carries; rows: number }[],
  rounds: number,
  goals: (lines: Line[]) => Goal[],
): Promise<Race> {
  const lines: Line[] = [];
  const batches = [];
  const competitors: Competitor[] = [];
  for (const { carries, rows } of list) {
    const batch = await decode.start(carries, rows);
    batches.push(batch);
    competitors.push({ run: () => step(batch, rows, compute) });
    const { total, labels } = await countDispatches(() => step(batch, rows, compute));
    lines.push({ name: `${NAMES[carries]}, ${rows === 1 ? '1 row' : `${rows} rows`}`, ms: 0, dispatches: total, kernels: labels.filter(isOurs), note: '' });
    console.log(JSON.stringify(labels));
  }
  const { ms, repeat } = await race(competitors, () => gpu.device.queue.onSubmittedWorkDone(), rounds, 1);
  for (const [i, line] of lines.entries()) {
    line.ms = ms[i]!;
    line.note = `${((1000 * list[i]!.rows) / line.ms).toFixed(1)} tokens/s`;
  }
  for (const batch of batches) batch.release();
  compute.takeDispatches();
  return { title, rounds, repeat, lines, goals: goals(lines) };
}

const NAMES: Record<Carries, string> = {
  nothing: 'unhooked',
  cuts: 'cuts',
  codes: 'cuts, codes',
  edits: 'cuts, codes, edits',
  controls: 'cuts, codes, edits, control',
};

/** `lens.generate` itself: with shadow rows, KL, sampling and the readback of every step. */
async function generateRace(decode: DecodeBench, { compute }: Bench, rounds: number): Promise<Race> {
  const variants = [1, 8];
  const lines: Line[] = [];
  const runs: AsyncGenerator<unknown>[] = [];
  for (const count of variants) {
    const sampling = { temperature: 0, topP: 1, seed: 1 };
    const run = generate(decode.engine, { ids: [...PROMPT], variants: decode.variants('edits', count), maxTokens: rounds + 4, sampling });
    await run.next();
    const { total, labels } = await countDispatches(async () => {
      await run.next();
    });
    runs.push(run);
    const rows = 2 * count - 1;
    lines.push({ name: `${count === 1 ? '1 variant' : `${count} variants`} (${rows === 1 ? '1 row' : `${rows} rows`})`, ms: 0, dispatches: total, kernels: labels.filter(isOurs), note: '' });
  }
  const competitors = runs.map((run): Competitor => ({
    run: async () => {
      const { done } = await run.next();
      if (done) throw new Error('The text ended before the race did; choose another prompt.');
    },
  }));
  // A step ends with its readback: nothing is left to wait for.
  const { ms, repeat } = await race(competitors, () => Promise.resolve(), rounds, 1);
  for (const run of runs) await run.return(undefined);
  compute.takeDispatches();
  for (const [i, line] of lines.entries()) {
    line.ms = ms[i]!;
    line.note = `${((1000 * variants[i]!) / line.ms).toFixed(1)} tokens/s`;
  }
  return { title: 'lens.generate step with shadow rows, KL and readback', rounds, repeat, lines, goals: [eightUnderTwo(lines)] };
}

function eightUnderTwo(lines: Line[]): Goal {
  const ratio = lines.at(-1)!.ms / lines[0]!.ms;
  const figures = `${ratio.toFixed(2)} x the cost of one`;
  return { text: `${lines.at(-1)!.name}: under 2 x the cost of one`, met: ratio < 2, figures: ratio < 2 ? figures : `${figures}: over by ${(ratio - 2).toFixed(2)} x` };
}

function cutCostsOne([unhooked, cuts]: Line[], count: number): Goal {
  const more = cuts!.dispatches! - unhooked!.dispatches!;
  return { text: 'A cut costs one dispatch', met: more === count, figures: `${count} cuts, ${more} more dispatches` };
}
