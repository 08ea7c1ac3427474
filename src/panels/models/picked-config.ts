import type { PickedFolder } from '../../lens/api/model';
import { type DecoderConfig, parseModelConfig } from '../../lens/folders/config';

/** A configuration longer than this is none. */
const LONGEST = 1e6;

/** What the config.json of a picked folder states; null where it states no model that the engine opens. */
export async function pickedConfig({ files }: PickedFolder): Promise<DecoderConfig | null> {
  // The engine leaves out folders around it; the outermost one counts.
  const [found] = files
    .filter(({ path }) => /(^|\/)config\.json$/.test(path))
    .sort((a, b) => a.path.length - b.path.length);
  if (!found || found.file.size > LONGEST) return null;
  try {
    return parseModelConfig(JSON.parse(await found.file.text()), found.path);
  } catch {
    return null;
  }
}
