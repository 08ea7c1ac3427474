import { VerbalizerUnavailableError } from '../../lens/api/errors';
import type { Lens } from '../../lens/api/lens';
import type { Trace } from '../../lens/api/trace';
import type { VerbalizerInfo } from '../../lens/api/verbalizer';
import { setNorm } from '../../lens/maths/score';
import type { Reading } from '../reading/trace';
import { withoutEach } from './claims';
import { type RecordedAnswers, tokenTarget, type VerbalRecord } from './record';
import { createVerbalStore } from './state';
import { write } from './write';

/** A token's verbalization as one press of Verbalize makes it, with the answers that the panel asks about it. */
export interface RecordedWords {
  record: VerbalRecord;
  answers: RecordedAnswers;
  /** The sources that there were: what the words are from, and what writing them anew loads. */
  sources: VerbalizerInfo[];
}

/** Puts a token into words with the folder's trained pair. Ids and time are left out, so that the same model makes the
 *  same recording. */
export async function recordWords(
  lens: Lens,
  trace: Trace,
  reading: Reading,
  position: number,
): Promise<RecordedWords> {
  const { sources, notice } = await lens.verbalizers();
  const info = sources.find(({ scores, layer }) => scores && layer !== null);
  if (!info || info.layer === null)
    throw new VerbalizerUnavailableError(notice ?? 'The folder has no trained verbalizer.');
  const { layer } = info;
  const target = tokenTarget(reading, layer, position, trace.tokens[position]?.id ?? null);
  const made: VerbalRecord[] = [];
  const { signal } = new AbortController();
  const job = { lens, info, layer, targets: [target], vectorOf: () => ({ from: trace, position }), signal, run: '' };
  await write(createVerbalStore(), job, job.targets, (record) => made.push(record));
  const record = { ...made[0]!, id: 'recorded', run: 'recorded', when: null };
  const { text } = record.samples[0]!;
  const [whole, ...without] = await lens.score([text, ...withoutEach(text)], trace, position);
  const features = await lens.encode(layer, [setNorm(await lens.reconstruct(text), target.norm)]);
  return { record, answers: { claims: { whole: whole!, without }, features }, sources };
}
