/** Files that a dictionary alone has, by their paths. */
export const DICTIONARY_FILE = /(?:^|\/)(?:layer_?\d+(?:\.sae)?\.pt|cfg\.json|ae\.pt|params\.(?:npz|safetensors))$/;

/** What lies beside the config.json of a dictionary, or of its training. */
const BESIDE_CONFIG = /^(.*\/)?(?:ae\.pt|params\.safetensors|layers\.\d+\/cfg\.json)$/;

/** Folders whose config.json, if they have one, states a dictionary and no model: '' or ending in a slash. */
export function dictionaryFolders(paths: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    const found = BESIDE_CONFIG.exec(path);
    if (found) folders.add(found[1] ?? '');
  }
  return folders;
}
