import { UnsupportedModelError } from '../../api/errors';
import type { Source } from '../../sources/source';
import { REFUSED } from '../architectures/refused';
import { nameOf } from './stated';

const word = (words: string) => new RegExp(`(?:^|[-_.])(?:${words})(?:$|[-_.])`, 'i');
const elsewhere = (what: string) => `it reads the output of ${what}, and Lenslet reads the stream behind a block`;

/** What names of folders say that a dictionary reads, and why all but the stream behind a block is not read. */
const PLACES: readonly (readonly [RegExp, string | null])[] = [
  [word('transcoders?|clts?'), REFUSED.transcoder!],
  [word('crosscoders?'), 'it reads several blocks at once'],
  [word('resid_pre|resid_mid'), 'it reads the stream at another place than behind a block'],
  [word('attn|att|attention|attentions|hook_z'), elsewhere('an attention')],
  [word('mlps?'), elsewhere('an MLP')],
  [word('res|resid|residuals?'), null],
];

/** Whether the names around a dictionary's file say that it reads the stream behind a block; the nearest name that says
 *  anything decides. False where none does. Throws UnsupportedModelError if it reads another place. */
export function namedForStream(source: Source, folder: string, file: string): boolean {
  const names = `${nameOf(source.origin)}/${folder}`.split('/').reverse();
  for (const name of names) {
    const why = PLACES.find(([pattern]) => pattern.test(name))?.[1];
    if (why === undefined) continue;
    if (why === null) return true;
    throw new UnsupportedModelError(
      `${file} is of a dictionary that Lenslet cannot read. By the name ${name.slice(0, 100)} ${why}.`,
      { file, name: name.slice(0, 100) },
    );
  }
  return false;
}

/** For `DictionaryPlan.notices`. */
export const takenForStream = (layer: number): string =>
  `Nothing says which place of block ${layer} its dictionary reads. It is taken for the stream behind the block.`;
