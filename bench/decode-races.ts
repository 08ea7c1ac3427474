import { generate } from '../src/lens/engine/generate';
import { type Carries, DecodeBench, PROMPT, step } from './decode';
import { countDispatches } from './dispatches';
import type { Bench } from './entries';
import { rowsOf } from './kernels';
import type { Goal, Line, Race } from './results';
import { type Competitor, race } from './rounds';

const NAMES: Record<Carries, string> = {
  nothing: 'unhooked',
  cuts: 'cuts',
  codes: 'cuts, codes',
  edits: 'cuts, codes, edits',
  'gated edits': 'cuts, codes, edits with gates',
  controls: 'cuts, codes, edits, control',
};

/** Decode steps of the model at `url`. `quick` leaves out 2, 4 and 15 variants. 15 rows are what 8 variants of
 *  `lens.generate` take, shadows included. */
export async function* decodeRaces(bench: Bench, url: string, rounds: number, quick: boolean): AsyncGenerator<Race> {
  const decode = await DecodeBench.open(url, bench);
  const byRows = (quick ? [1, 8] : [1, 2, 4, 8, 15]).map((rows) => ({
    carries: rows === 1 ? ('codes' as const) : ('edits' as const),
    rows,
  }));
  const rows = await stepRace(decode, bench, 'Decode step by variants, all but the first edited', byRows, rounds);
  yield {
    ...rows,
    goals: [
      eightUnderTwo(
        '8 variants as rows of a batch',
        rows.lines[0]!,
        rows.lines[byRows.findIndex((line) => line.rows === 8)]!,
      ),
    ],
  };
  const byLoad = (['nothing', 'cuts', 'codes', 'edits', 'gated edits', 'controls'] as const).map((carries) => ({
    carries,
    rows: 3,
  }));
  const load = await stepRace(decode, bench, 'Decode step by what it carries, 3 variants', byLoad, rounds);
  yield { ...load, goals: [cutCostsOne(load.lines, decode.cuts)] };
  yield await generateRace(decode, rounds);
  await decode.release();
}

async function stepRace(
  decode: DecodeBench,
  { compute, gpu }: Bench,
  title: string,
  list: { carries: Carries; rows: number }[],
  rounds: number,
): Promise<Omit<Race, 'goals'>> {
  const lines: Line[] = [];
  const releases: (() => void)[] = [];
  const competitors: Competitor[] = [];
  for (const { carries, rows } of list) {
    const { batch, release } = await decode.start(carries, rows);
    const run = () => step(batch, rows, compute);
    const { total, ours } = await countDispatches(run);
    releases.push(release);
    competitors.push({ run });
    lines.push({ name: `${NAMES[carries]}, ${rowsOf(rows)}`, ms: 0, dispatches: total, kernels: ours, note: '' });
  }
  const { ms, repeat } = await race(competitors, () => gpu.device.queue.onSubmittedWorkDone(), rounds, 1);
  for (const release of releases) release();
  for (const [i, line] of lines.entries()) {
    line.ms = ms[i]!;
    line.note = tokensPerSecond(list[i]!.rows, line.ms);
  }
  return { title, rounds, repeat, lines };
}

/** `lens.generate` itself: with a shadow row for every edited variant, KL, sampling and the readback of every step. */
async function generateRace(decode: DecodeBench, rounds: number): Promise<Race> {
  const variants = [1, 8];
  const lines: Line[] = [];
  const competitors: Competitor[] = [];
  const runs: AsyncGenerator<unknown>[] = [];
  for (const count of variants) {
    const sampling = { temperature: 0, topP: 1, seed: 1 };
    const run = generate(decode.engine, {
      ids: [...PROMPT],
      ends: decode.engine.model.config.eos,
      variants: decode.variants('edits', count),
      maxTokens: rounds + 4,
      sampling,
    });
    const next = async () => {
      const { done } = await run.next();
      if (done) throw new Error('The text ended before the race did; choose another prompt.');
    };
    await next();
    const { total, ours } = await countDispatches(next);
    runs.push(run);
    competitors.push({ run: next });
    lines.push({
      name: `${count === 1 ? '1 variant' : `${count} variants`}, ${rowsOf(2 * count - 1)}`,
      ms: 0,
      dispatches: total,
      kernels: ours,
      note: '',
    });
  }
  // A step ends with its readback: there is nothing left to wait for.
  const { ms, repeat } = await race(competitors, async () => {}, rounds, 1);
  for (const run of runs) await run.return(undefined);
  for (const [i, line] of lines.entries()) {
    line.ms = ms[i]!;
    line.note = tokensPerSecond(variants[i]!, line.ms);
  }
  const title = 'Step of lens.generate, with shadow rows, KL and readback';
  return { title, rounds, repeat, lines, goals: [eightUnderTwo('8 variants of lens.generate', lines[0]!, lines[1]!)] };
}

const tokensPerSecond = (tokens: number, ms: number) => `${((1000 * tokens) / ms).toFixed(1)} tokens/s`;

function eightUnderTwo(what: string, one: Line, eight: Line): Goal {
  const ratio = eight.ms / one.ms;
  const figures = `${ratio.toFixed(2)} x the cost of one`;
  const met = ratio < 2;
  return {
    text: `${what}: under 2 x the cost of one`,
    met,
    figures: met ? figures : `${figures}: over by ${(100 * (ratio / 2 - 1)).toFixed(0)} %`,
  };
}

function cutCostsOne([unhooked, cuts]: Line[], count: number): Goal {
  const more = cuts!.dispatches - unhooked!.dispatches;
  return { text: 'A cut costs one dispatch', met: more === count, figures: `${count} cuts, ${more} more dispatches` };
}
