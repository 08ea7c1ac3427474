import type { Lens } from '../../lens/api/lens';
import { setNorm } from '../../lens/maths/score';
import type { View } from '../base/view';
import { siteOf } from '../reading/select';
import type { Tracer } from '../reading/trace';
import { positionsOf } from './positions';
import { type DecoderTarget, isToken, keyOf, tokenTarget } from './record';
import { selectSource, type VerbalStore } from './state';
import { sameWords } from './steps';
import { blank, type Job } from './write';

/** What all records of one press share: the lens, the signal and one id. */
export type Begun = Pick<Job, 'lens' | 'signal' | 'run'>;

/** A job for the given positions, or those selected. Leaves out positions that already have their words from the same options; if all
 *  have them, all are written again. Null if there is nothing to put into words. */
export function tokensJob(
  store: VerbalStore,
  tracer: Tracer,
  view: View,
  begun: Begun,
  positions?: readonly number[],
): Job | null {
  const { trace, reading } = tracer.store.getState();
  const { choice, entries } = store.getState();
  const looked = view.store.getState();
  const info = selectSource(store.getState());
  const layer = info?.layer ?? choice.layer ?? looked.site;
  if (!trace || !reading || !info || layer === null) return null;
  const targets = (positions ?? positionsOf(reading, looked)).map((position) =>
    tokenTarget(reading, layer, position, trace.tokens[position]?.id ?? null),
  );
  const job: Job = {
    ...begun,
    info,
    layer,
    targets,
    vectorOf: (target) => ({ from: trace, position: isToken(target) ? target.position : undefined }),
  };
  const left = targets.filter((target) => !sameWords(entries.get(keyOf(target)), blank(store, job, target)));
  return left.length ? { ...job, targets: left } : job;
}

/** A row of W_dec, as if it were a residual. */
export async function rowJob(store: VerbalStore, begun: Begun, layer: number, feature: number): Promise<Job | null> {
  const info = selectSource(store.getState());
  if (!info) return null;
  const row = await rowOf(begun.lens, layer, feature, info.layer === null);
  const target: DecoderTarget = { kind: 'decoder', layer, feature };
  return { ...begun, info, layer, targets: [target], vectorOf: () => ({ from: row }) };
}

/** A trained pair sets the norm itself. Other sources use the vector's own norm: at a decoder row's, about 1, they
 *  would say what the prompt alone says. */
async function rowOf(lens: Lens, layer: number, feature: number, scaled: boolean): Promise<Float32Array> {
  const norm = scaled ? (siteOf(lens.info, layer)?.normMedian ?? null) : null;
  return setNorm(await lens.decoderRow(layer, feature), norm);
}
