import { mkdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { isMain } from '../prepare.mjs';
import { writeCheckpoint } from './checkpoint.mjs';
import { NoiseDictionary } from './dictionary.mjs';
import { DICTIONARY, generationOf, MODEL, SIZES, tensorsOf } from './qwen.mjs';
import { tokenizerFiles } from './tokenizer.mjs';

/** Repositories as the Hub has them, `ROOT/Owner/name/…`: Qwen3-1.7B-Base with its tokenizer and one layer of its
 *  Qwen-Scope dictionary, whose numbers are noise.
 *  @typedef {{ version: number, size: keyof typeof SIZES, seed: number, shards: number }} Wanted
 *  @typedef {Record<string, number>} Bytes Sizes of files by their paths.
 *  @typedef {Wanted & { layer: number, files: Bytes, seconds: number }} Rehearsal What RECORD says; `files` is null
 *    there until all are written. */

/** Counted up when the same seed gives other files. */
const VERSION = 2;
const RECORD = 'rehearsal.json';
/** The word that is a sink: every text of the rehearsal begins with it. */
export const FIRST_WORD = 'The';

/** Bytes of all of it, within a hundredth. */
export function bytesNeeded(/** @type {typeof SIZES[Wanted['size']]} */ { config, width }) {
  const weights = tensorsOf(config).reduce(
    (sum, { shape }) => sum + 2 * shape.reduce((product, n) => product * n, 1),
    0,
  );
  return Math.ceil((weights + 8 * width * config.hidden_size + 15e6) * 1.01);
}

/** Writes the repositories, or finds them as the same seed and size wrote them before. `root` gets nothing else. Throws
 *  if the disk has too little room, or if no rehearsal wrote the folders of these names: they may be the real ones.
 *  @param {{ root: string, say?: (line: string) => void } & Partial<Wanted>} options
 *  @returns {Promise<Rehearsal & { reused: boolean }>} */
export async function rehearsalFolder({ root, size = 'full', seed = 1, shards = 1, say = () => {} }) {
  const wanted = { version: VERSION, size, seed, shards };
  const known = await recordOf(root);
  if (known?.files && isDeepStrictEqual({ ...known, ...wanted }, known) && (await areThere(root, known.files)))
    return { ...known, reused: true };
  await mkdir(root, { recursive: true });
  for (const name of known ? [] : [MODEL, DICTIONARY]) {
    const there = await stat(join(root, name)).catch(() => null);
    if (there)
      throw new Error(
        `${join(root, name)} is there already and was not written by a rehearsal. Name another folder with --dir.`,
      );
  }
  // A record that does not fit means that what stands there is older, or was not finished.
  for (const name of [MODEL, DICTIONARY]) await rm(join(root, name), { recursive: true, force: true });
  await rm(join(root, RECORD), { force: true });
  const needed = bytesNeeded(SIZES[size]);
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize < needed)
    throw new Error(
      `${root} has ${gigabytes(bavail * bsize)} free, and ${gigabytes(needed)} are needed. Name another with --dir.`,
    );
  // Says whose files these are, should this be cut off.
  await writeFile(join(root, RECORD), json({ ...wanted, files: null }));
  const began = performance.now();
  const files = { ...(await writeModel(root, wanted, say)), ...(await writeDictionary(root, wanted, say)) };
  const record = { ...wanted, layer: SIZES[size].layer, files, seconds: (performance.now() - began) / 1000 };
  await writeFile(join(root, RECORD), json(record));
  return { ...record, reused: false };
}

/** @typedef {(root: string, wanted: Wanted, say: (line: string) => void) => Promise<Bytes>} Write
 *  @type {Write} */
async function writeModel(root, { size, seed, shards }, say) {
  const folder = join(root, MODEL);
  await mkdir(folder, { recursive: true });
  const { config, tokenizer } = SIZES[size];
  const own = await tokenizerFiles(tokenizer);
  const texts = {
    'README.md':
      '---\nlicense: apache-2.0\nlibrary_name: transformers\n---\nNoise in the form of Qwen3-1.7B-Base, for a rehearsal. No model.\n',
    'config.json': json(config),
    'generation_config.json': json(generationOf(config)),
    ...own,
  };
  const sizes = /** @type {Bytes} */ ({});
  for (const [path, text] of Object.entries(texts)) {
    await writeFile(join(folder, path), text);
    sizes[`${MODEL}/${path}`] = Buffer.byteLength(text);
  }
  say(`${MODEL}: weights`);
  const weights = await writeCheckpoint(folder, config, {
    seed,
    shards,
    token: JSON.parse(own['tokenizer.json']).model.vocab[FIRST_WORD],
  });
  for (const [path, bytes] of Object.entries(weights)) sizes[`${MODEL}/${path}`] = bytes;
  return sizes;
}

/** @type {Write} */
async function writeDictionary(root, { size, seed }, say) {
  const folder = join(root, DICTIONARY);
  await mkdir(folder, { recursive: true });
  const { config, width, layer } = SIZES[size];
  const readme =
    '---\nlicense: other\nlicense_name: qwen\n---\nNoise in the form of a Qwen-Scope dictionary, for a rehearsal. No dictionary.\n';
  await writeFile(join(folder, 'README.md'), readme);
  const path = `layer${layer}.sae.pt`;
  say(`${DICTIONARY}: ${path}`);
  const bytes = await new NoiseDictionary({ d: config.hidden_size, width, seed }).write(join(folder, path));
  return { [`${DICTIONARY}/README.md`]: Buffer.byteLength(readme), [`${DICTIONARY}/${path}`]: bytes };
}

const json = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 2)}\n`;
const gigabytes = (/** @type {number} */ bytes) => `${(bytes / 1e9).toFixed(1)} GB`;

/** @returns {Promise<Rehearsal | null>} */
async function recordOf(/** @type {string} */ root) {
  try {
    return JSON.parse(await readFile(join(root, RECORD), 'utf8'));
  } catch {
    return null;
  }
}

async function areThere(/** @type {string} */ root, /** @type {Bytes} */ files) {
  for (const [path, bytes] of Object.entries(files)) {
    const found = await stat(join(root, path)).catch(() => null);
    if (found?.size !== bytes) return false;
  }
  return true;
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      small: { type: 'boolean' },
      shards: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (!values.dir)
    throw new Error('Usage: node scripts/rehearse/folder.mjs --dir FOLDER [--small] [--shards 2] [--seed 1]');
  const size = values.small ? 'small' : 'full';
  const { files, seconds, reused } = await rehearsalFolder({
    root: resolve(values.dir),
    size,
    seed: Number(values.seed),
    shards: Number(values.shards),
    say: console.log,
  });
  const bytes = Object.values(files).reduce((sum, n) => sum + n, 0);
  console.log(
    reused
      ? `${gigabytes(bytes)}, as they were.`
      : `${gigabytes(bytes)} in ${seconds.toFixed(1)} s, ${(bytes / 1e6 / seconds).toFixed(0)} MB/s.`,
  );
}
