import { WHOLE_ROW } from '../src/lens/engine/candidates';
import { Queue } from '../src/lens/engine/queue';
import type { Source } from '../src/lens/sources/source';
import { normals } from '../src/lens/testing/numbers';
import { NlaSource, openNla } from '../src/lens/verbalizer/nla';
import type { VectorTarget } from '../src/lens/verbalizer/source';
import { countDispatches } from './dispatches';
import type { Bench } from './entries';
import type { Goal, Line, Race } from './results';
import { race } from './rounds';

const POSITIONS = 4;
/** Tokens an answer is cut off at: on a software adapter a step takes half a second, and the answers go on alike. */
const TOKENS = 8;
const BATCHES = [1, 8, 32];

interface Contestant {
  name: string;
  run: () => Promise<void>;
  /** What a run makes, counted in `unit`. */
  made: number;
  unit: string;
}

/** The trained pair of the model folder, where it has one: answers with the constant part of the prompt kept and
 *  without, and scores by how many run as a batch. */
export async function* verbalizerRaces(
  bench: Bench,
  source: Source,
  model: { d: number; layers: number },
  rounds: number,
): AsyncGenerator<Race> {
  const host = { ...bench, weights: null, queue: new Queue(), wholeRow: WHOLE_ROW };
  const kept = await openNla(source, host, model);
  if (!kept) return;
  const whole = new NlaSource(host, kept.files, false);
  yield await answers(kept, whole, model.d, rounds);
  await host.queue.run(() => whole.release());
  yield await reconstructions(kept, rounds);
  await host.queue.run(() => kept.release());
}

async function answers(kept: NlaSource, whole: NlaSource, d: number, rounds: number): Promise<Race> {
  // Residuals for their cost alone: what an answer says does not change what a token takes.
  const targets = Array.from(
    { length: POSITIONS },
    (_, i): VectorTarget => ({ position: i, vector: normals(d, i + 1) }),
  );
  const said = async (source: NlaSource, of: VectorTarget[]) => {
    let tokens = 0;
    for await (const _ of source.verbalize(of, { samples: 1, seed: 1, temperature: 0, maxTokens: TOKENS })) tokens++;
    return tokens;
  };
  const contestants: Contestant[] = [];
  for (const [name, source] of [
    ['prefix kept', kept],
    ['whole prompt', whole],
  ] as const) {
    for (const count of [1, POSITIONS]) {
      const of = targets.slice(0, count);
      const run = async () => {
        await said(source, of);
      };
      contestants.push({
        name: `${name}, ${count === 1 ? '1 position' : `${count} positions`}`,
        run,
        made: await said(source, of),
        unit: 'tokens/s',
      });
    }
  }
  const result = await timed(`AV answers of ${TOKENS} tokens, prompt included`, contestants, rounds);
  const [, ofKept, , ofWhole] = result.lines;
  const figures = `${(ofWhole!.ms / ofKept!.ms).toFixed(2)} x the tokens a second`;
  return {
    ...result,
    goals: [
      {
        text: `${POSITIONS} answers come sooner with the prompt’s constant part kept`,
        met: ofKept!.ms < ofWhole!.ms,
        figures,
      },
    ],
  };
}

async function reconstructions(pair: NlaSource, rounds: number): Promise<Race> {
  const text =
    'English prose told simply. It is inside quoted speech.\n\nThe words just before are “ looked at the fire”.\n\nThe token is “ fire”.';
  const contestants = BATCHES.map((count): Contestant => {
    const texts = Array<string>(count).fill(text);
    const run = async () => {
      await pair.reconstruct(texts);
    };
    return { name: count === 1 ? '1 text' : `${count} texts as a batch`, run, made: count, unit: 'scores/s' };
  });
  const result = await timed('AR scores', contestants, rounds);
  return { ...result, goals: [cheaperTogether(result.lines)] };
}

function cheaperTogether([one, , many]: Line[]): Goal {
  const most = BATCHES.at(-1)!;
  const figures = `${((one!.ms * most) / many!.ms).toFixed(2)} x the scores a second`;
  return { text: `${most} scores take less as a batch than one by one`, met: many!.ms < one!.ms * most, figures };
}

async function timed(title: string, contestants: Contestant[], rounds: number): Promise<Omit<Race, 'goals'>> {
  const lines: Line[] = [];
  for (const { name, run } of contestants) {
    // The first run loads the pair and fills what is kept.
    await run();
    const { total, ours } = await countDispatches(run);
    lines.push({ name, ms: 0, dispatches: total, kernels: ours, note: '' });
  }
  // Every run ends with its readback: there is nothing left to wait for.
  const { ms, repeat } = await race(contestants, async () => {}, rounds, 1);
  for (const [i, line] of lines.entries()) {
    const { made, unit } = contestants[i]!;
    line.ms = ms[i]!;
    line.note = `${((1000 * made) / line.ms).toFixed(1)} ${unit}`;
  }
  return { title, rounds, repeat, lines };
}
