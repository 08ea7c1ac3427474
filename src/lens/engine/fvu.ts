import { NonFiniteError, throwIfAborted } from '../api/errors';
import type { SiteCodes, SiteInfo } from '../api/site';
import { fvu as written } from '../maths/figures';
import { sinksOf } from '../maths/sinks';
import type { Engine } from './engine';
import { prefill } from './prefill';
import { readStates } from './trace';

/** Plain English of about a hundred tokens, written for this. */
export const PROBE =
  'The harbour was quiet when the last ferry came in. Two women carried a crate of apples up the stone steps, and a boy counted the boats aloud, from one to eleven. In the office above the market the clerk closed his ledger, wrote the date at the top of a clean page, and asked whether anyone had seen the new map of the northern roads. Nobody answered. Outside it had begun to rain, so the sellers covered their tables, laughed about the weather, and went home to supper before the lamps were lit along the river.';

/** Tokens from which on their FVU says something. */
const ENOUGH = 32;

/** Whether a measured FVU is too far above the stated one to be chance or rounding: by half, and by .05 of one that is
 *  close to 0; or where nothing is explained, unless that is what is stated. */
export const isFar = (stated: number, probe: number): boolean =>
  probe > Math.max(stated + 0.05, 1.5 * stated) || (probe > 1 && stated < 1);

/** The FVU of a text at a site: squared errors over squared distances from the mean, each summed over its tokens, without
 *  position 0 and sinks. These are told by the text's own median norm: by that of a dictionary of another layer, every
 *  token might be one. Null where fewer than 32 count. */
export function fvuOf(codes: SiteCodes): number | null {
  const sinks = sinksOf(codes, null);
  if (codes.fvu.length - sinks.size < ENOUGH) return null;
  let error = 0;
  let spread = 0;
  for (const [t, fvu] of codes.fvu.entries()) {
    if (sinks.has(t)) continue;
    const square = codes.centred[t]! ** 2;
    error += fvu * square;
    spread += square;
  }
  return error / spread;
}

/** Measures the FVU of the open dictionaries that state one, by running PROBE as far as the last site, and writes it into
 *  their SiteInfo. Returns a sentence for each that is far off. Call it before anybody else has the engine. */
export async function probeFvu(engine: Engine, signal?: AbortSignal): Promise<string[]> {
  const { model, sites, tokenizer, queue } = engine;
  const asked = sites.filter(({ info }) => info.fvu !== null && info.center === 'mean');
  const { ids } = tokenizer.read(PROBE);
  if (asked.length === 0 || ids.length > model.config.contextLength) return [];
  let codes: SiteCodes[];
  try {
    codes = await queue.run(async () => {
      const run = await prefill(model, sites, { ids: Int32Array.from(ids), parts: sites.length, signal });
      try {
        return (await readStates(engine, run)).codes;
      } finally {
        run.release();
      }
    });
  } catch (error) {
    // The reader's own text may do; where not, it says so itself.
    if (error instanceof NonFiniteError) return [`The FVU could not be measured at opening: ${error.message}`];
    throw error;
  }
  throwIfAborted(signal);
  return asked.flatMap(({ info }) => {
    const probe = fvuOf(codes.find(({ layer }) => layer === info.layer)!);
    if (probe === null) return [];
    const { stated } = info.fvu!;
    info.fvu = { stated, probe, far: isFar(stated, probe) };
    return info.fvu.far ? [farSays(info, stated, probe)] : [];
  });
}

function farSays({ layer }: SiteInfo, stated: number, probe: number): string {
  return `The dictionary of layer ${layer} leaves ${written(probe)} of the variance unexplained on a short English text here (FVU against the mean), and its statistics say ${written(stated)}: it may be of another layer or another model, and its features then mean nothing.`;
}
