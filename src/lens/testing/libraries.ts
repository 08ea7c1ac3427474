import type { SiteCodes } from '../api/site';
import { siteCodes } from '../engine/codes';
import { otherDictionaries } from '../folders/dictionaries';
import type { DictionaryFiles } from '../folders/dictionary';
import { parseSafetensors, weightsOf } from '../formats/safetensors';
import { type Compute, type Dictionary, slice } from '../kernels/compute';
import { memorySource } from './memory-source';

/** Dictionaries as their own libraries wrote them, with what these compute on them (training/libraries/). */
export const LIBRARIES = 'fixtures/dictionaries';

/** The model that they are of: tiny-tied-f16. */
export const MODEL = { d: 32, layers: 3, name: 'tiny-tied-f16' };
export const LAYER = 1;

/** A file of LIBRARIES. */
export type ReadFixture = (path: string) => Promise<Uint8Array>;

export interface LibraryCase {
  /** Library with its version, and form: `sae-lens-6.54.12/topk`. */
  name: string;
  files: Record<string, Uint8Array>;
  /** Dense latents, [rows, width]. */
  codes: Float32Array;
  /** [rows, d]; null where the library's own is not finite. */
  decoded: Float32Array | null;
}

/** Forms of one dictionary, each a cfg.json of its own. */
const OLDER = 'sae-lens-6.54.12/older';

/** Every case, and the residuals [rows, d] that all are of. */
export async function libraryCases(read: ReadFixture): Promise<{ residuals: Float32Array; cases: LibraryCase[] }> {
  const listed: Record<string, string[]> = JSON.parse(new TextDecoder().decode(await read('cases.json')));
  const residuals = (await tensorsOf(read, 'residuals.safetensors'))('residuals')!;
  const cases: LibraryCase[] = [];
  for (const [name, paths] of Object.entries(listed)) {
    const tensors = await tensorsOf(read, `${name}.expected.safetensors`);
    const truth = { codes: tensors('codes')!, decoded: tensors('decoded') };
    const files: Record<string, Uint8Array> = {};
    for (const path of paths) files[path] = await read(`${name}/${path}`);
    if (name !== OLDER) cases.push({ name, files, ...truth });
    else
      for (const path of paths.filter((path) => path.endsWith('.json'))) {
        const older = { 'cfg.json': files[path]!, 'sae_weights.safetensors': files['sae_weights.safetensors']! };
        cases.push({ name: `${name}/${path.replace('.json', '')}`, files: older, ...truth });
      }
  }
  return { residuals, cases };
}

async function tensorsOf(read: ReadFixture, path: string): Promise<(name: string) => Float32Array | null> {
  const tensors = parseSafetensors(await read(path), path);
  const weights = weightsOf(tensors, path);
  return (name) => (tensors.has(name) ? weights.float32(name, tensors.get(name)!.shape) : null);
}

/** The source of a case, named as its folder is. */
export const sourceOfCase = ({ name, files }: Pick<LibraryCase, 'name' | 'files'>) =>
  memorySource(files, { name: name.split('/').at(-1)! });

/** A case opened as a folder that somebody chooses beside the model. */
export async function openCase(one: LibraryCase): Promise<DictionaryFiles> {
  const { open } = await otherDictionaries(sourceOfCase(one), MODEL);
  return open(LAYER);
}

/** How far Lenslet and the library are apart. */
export interface Agreement {
  rows: number;
  /** Rows with exactly the library's active features. */
  same: number;
  /** Over rows, the largest |difference| / largest value of that row, of all features. */
  values: number;
  /** Over rows, |h^ - h^ of the library| / |h^ of the library|; null if nothing was decoded here, and 0 where the
   *  library's is not finite. */
  decoded: number | null;
  /** Over rows, the difference of FVUs; 0 as above. */
  fvu: number;
}

/** What a device makes of the residuals. */
export interface Encoded {
  codes: SiteCodes;
  /** Dense latents, [rows, width]. */
  latents: Float32Array;
}

export async function encode(compute: Compute, dictionary: Dictionary, residuals: Float32Array): Promise<Encoded> {
  const { d, width, k } = dictionary;
  const rows = residuals.length / d;
  const [codes, latents] = [compute.codes(dictionary, rows), compute.rows(rows, width)];
  compute.encode(dictionary, slice(compute.rows(rows, d, residuals)), rows, slice(codes));
  compute.scatter(dictionary, slice(codes), rows, latents);
  const [ids, values, stats, dense] = (await compute.read([codes.ids, codes.values, codes.stats, latents])) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return { codes: siteCodes(LAYER, k, [ids, values, stats], 0, rows), latents: dense };
}

/** W_dec as steering uses it, [width, d]. */
export async function decoderOf(compute: Compute, dictionary: Dictionary): Promise<Float32Array> {
  const rows = compute.rows(dictionary.width, dictionary.d);
  for (let f = 0; f < dictionary.width; f++) compute.decoderRow(dictionary, f, slice(rows, f));
  return (await compute.read([rows]))[0]!;
}

/** Holds what a device made of the residuals against what the library makes of them. `bias`: b_dec, [d]. Without
 *  `decoder` nothing is decoded here, and the FVU alone tells of the reconstruction. */
export function agreement(
  { codes, latents }: Encoded,
  { bias, decoder }: { bias: Float32Array; decoder?: Float32Array },
  residuals: Float32Array,
  expected: Pick<LibraryCase, 'codes' | 'decoded'>,
): Agreement {
  const d = bias.length;
  const rows = residuals.length / d;
  const width = latents.length / rows;
  const found: Agreement = { rows, same: 0, values: 0, decoded: decoder ? 0 : null, fvu: 0 };
  for (let t = 0; t < rows; t++) {
    const [truth, have] = [expected.codes, latents].map((all) => all.subarray(t * width, (t + 1) * width)) as [
      Float32Array,
      Float32Array,
    ];
    const active = truth.reduce((sum, x) => sum + Number(x > 0), 0);
    if (codes.active[t] === active && truth.every((x, f) => x > 0 === have[f]! > 0)) found.same++;
    found.values = Math.max(found.values, furthest(have, truth) / Math.max(...truth, Number.MIN_VALUE));
    const guess = expected.decoded?.subarray(t * d, (t + 1) * d);
    if (!guess) continue;
    const h = residuals.subarray(t * d, (t + 1) * d);
    found.fvu = Math.max(found.fvu, Math.abs(codes.fvu[t]! - (distance(h, guess) / distance(h, bias)) ** 2));
    if (!decoder) continue;
    const decoded = Float64Array.from(bias);
    have.forEach((z, f) => {
      for (let i = 0; i < d; i++) decoded[i]! += z * decoder[f * d + i]!;
    });
    found.decoded = Math.max(found.decoded!, distance(decoded, guess) / distance(guess));
  }
  return found;
}

const furthest = (a: ArrayLike<number>, b: Float32Array): number =>
  b.reduce((most, x, i) => Math.max(most, Math.abs(a[i]! - x)), 0);

/** |a - b|, or |a|. */
const distance = (a: ArrayLike<number>, b?: ArrayLike<number>): number =>
  Math.hypot(...Array.from(a, (x, i) => x - (b?.[i] ?? 0)));
