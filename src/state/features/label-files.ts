import { CorruptFileError } from '../../lens/api/errors';
import type { SiteInfo } from '../../lens/api/site';
import { counted, megabytes } from '../../lens/maths/figures';
import { refusedAs, WrongFileError, whatFile } from '../base/what-is';
import { LARGEST_FILE, type LabelFile, labelText, leftOut, parseLabels } from './neuronpedia-labels';

/** What a file says of a site's features. Throws CorruptFileError. */
export async function labelsIn(file: File, site: SiteInfo): Promise<LabelFile> {
  const { name, size } = file;
  const refused = refusedAs(await whatFile(file), name, 'labels');
  if (refused) throw new WrongFileError(refused, { file: name });
  if (size > LARGEST_FILE)
    throw new CorruptFileError(`${name} has ${megabytes(size)}; at most ${megabytes(LARGEST_FILE)} are read.`, {
      file: name,
    });
  return parseLabels(await labelText(new Uint8Array(await file.arrayBuffer()), name), name, site);
}

/** What an import brought and what it left out. */
export const importSays = ({ name }: File, found: LabelFile): string =>
  `${counted(found.labels.size, 'label')} from ${name}${leftOut(found)}.`;
