import type { Lens } from '../../lens/api/lens';
import type { Trace } from '../../lens/api/trace';
import type { VerbalizerInfo } from '../../lens/api/verbalizer';
import { newId } from '../base/id';
import { isToken, keyOf, type VerbalEntry, type VerbalRecord, type VerbalSample, type VerbalTarget } from './record';
import { putEntries, type VerbalStore } from './state';
import { paced, take } from './steps';

/** How many other tokens' words make a control, if the pair's folder brings none. */
const FEW = 4;
/** Milliseconds between two drawings of what streams. */
const PACE = 50;

/** The source of a target's vector. */
interface Vector {
  from: Trace | Float32Array;
  position?: number;
}

/** Vectors of one text, or one bare vector, to be put into words. */
export interface Job {
  lens: Lens;
  info: VerbalizerInfo;
  layer: number;
  targets: readonly VerbalTarget[];
  vectorOf: (target: VerbalTarget) => Vector;
  signal: AbortSignal;
  run: string;
}

/** One record without words yet, with all that is known of it. */
export function blank(store: VerbalStore, { lens, info, layer, run }: Job, target: VerbalTarget): VerbalRecord {
  const { sha256, model } = lens.info;
  const { samples, seed, temperature: given } = store.getState().choice;
  const temperature = given ?? info.temperature;
  // Without noise all samples would be the same.
  const drawn = temperature === 0 ? 1 : samples;
  return {
    id: newId(),
    run,
    when: Date.now(),
    model,
    sha256,
    source: info.source,
    layer,
    target,
    samples: Array.from({ length: drawn }, (): VerbalSample => ({ text: '', score: null, done: null })),
    controls: null,
    variance: info.variance,
    beatsControl: info.quality?.beatsControl ?? null,
    options: { seed, temperature, maxTokens: info.maxTokens },
  };
}

/** Writes the words of some of a job's vectors, then scores each; `told` hears of each that is done. */
export async function write(
  store: VerbalStore,
  job: Job,
  batch: readonly VerbalTarget[],
  told: (record: VerbalRecord) => void,
): Promise<void> {
  const { signal } = job;
  signal.throwIfAborted();
  const records = batch.map((target) => blank(store, job, target));
  const samples = records.map((record) => record.samples.map((sample) => ({ ...sample })));
  const now = (i: number): VerbalRecord => ({ ...records[i]!, samples: samples[i]!.map((s) => ({ ...s })) });
  const draw = (state: VerbalEntry['state']) =>
    putEntries(
      store,
      records.map((_, i) => ({ record: now(i), state })),
    );
  draw('writing');
  try {
    await stream(store, job, records, samples, () => draw('writing'));
  } catch (error) {
    // After a change of text nobody needs the rest; after a cancel the reader keeps what there is.
    if (stillThere(store, records[0]!)) draw('stopped');
    throw error;
  }
  draw('scoring');
  for (const i of records.keys()) {
    let record = now(i);
    try {
      if (job.info.scores) record = { ...record, ...(await judge(store, job, record)) };
      signal.throwIfAborted();
    } catch (error) {
      const rest = records.flatMap((each, j) => (j >= i && stillThere(store, each) ? [now(j)] : []));
      putEntries(
        store,
        rest.map((each) => ({ record: each, state: 'stopped' })),
      );
      throw error;
    }
    putEntries(store, [{ record, state: 'done' }]);
    store.setState(({ run }) => ({ run: run && { ...run, done: run.done + 1 } }));
    told(record);
  }
}

/** Takes the words into `samples` as they come, and has them drawn every now and then. */
async function stream(
  store: VerbalStore,
  { lens, info, layer, signal, vectorOf }: Job,
  records: readonly VerbalRecord[],
  samples: readonly VerbalSample[][],
  draw: () => void,
): Promise<void> {
  const vectors = records.map(({ target }) => vectorOf(target));
  const { from, position: first } = vectors[0]!;
  const position = first === undefined ? undefined : vectors.map((vector) => vector.position!);
  const { seed, temperature, maxTokens } = records[0]!.options;
  const loads = (loading: { loaded: number; total: number } | null) =>
    store.setState(({ run }) => ({ run: run && { ...run, loading } }));
  const drawing = paced(() => {
    if (!signal.aborted) draw();
  }, PACE);
  try {
    const steps = lens.verbalize(from, {
      position,
      source: info.source,
      layer,
      samples: samples[0]!.length,
      seed: seed!,
      temperature: temperature!,
      maxTokens: maxTokens!,
      signal,
      onProgress: (loading) => {
        if (!signal.aborted) loads(loading);
      },
    });
    for await (const step of steps) {
      signal.throwIfAborted();
      const own = samples[position ? position.indexOf(step.position!) : 0]?.[step.sample];
      if (own) take(own, step);
      if (store.getState().run?.loading) loads(null);
      drawing.ask();
    }
  } finally {
    drawing.stop();
  }
}

/** Scores a record's samples, and the controls that they have to beat. */
async function judge(
  store: VerbalStore,
  { lens, vectorOf, signal }: Job,
  record: VerbalRecord,
): Promise<Pick<VerbalRecord, 'samples' | 'controls'>> {
  const { from, position } = vectorOf(record.target);
  const scores = await lens.score(
    record.samples.map(({ text }) => text),
    from,
    position,
  );
  signal.throwIfAborted();
  let controls = await lens.controls(from, position);
  const others = controls.shuffled ? [] : othersThan(store, record);
  signal.throwIfAborted();
  if (others.length >= FEW) controls = await lens.controls(from, position, { others });
  return { samples: record.samples.map((sample, i) => ({ ...sample, score: scores[i]! })), controls };
}

/** Words of the text's other tokens by the same source. */
const othersThan = (store: VerbalStore, { source, id }: VerbalRecord): string[] =>
  [...store.getState().entries.values()]
    .filter(
      ({ record, state }) => state === 'done' && record.source === source && record.id !== id && isToken(record.target),
    )
    .map(({ record }) => record.samples[0]!.text);

const stillThere = (store: VerbalStore, { target, id }: VerbalRecord): boolean =>
  store.getState().entries.get(keyOf(target))?.record.id === id;
