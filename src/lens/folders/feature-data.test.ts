import { describe, expect, test } from 'vitest';
import { CorruptFileError, type LensError, ShapeMismatchError } from '../api/errors';
import { float32ToFloat16 } from '../formats/halves';
import { FEATURES_METADATA, FEATURES_OF, featureTensors, type Packed, pack } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { FeatureData, type FeatureDataOf } from './feature-data';

const open = (
  tensors: Record<string, Packed> = featureTensors(),
  metadata: Record<string, string> = FEATURES_METADATA,
  of: FeatureDataOf = FEATURES_OF,
) => FeatureData.open(memoryFolder('m', { 's/features.safetensors': pack(tensors, metadata) }), 's/', of);

/** The data with numbers of one tensor replaced from index `at` on. */
function changed(name: string, at: number, ...values: number[]) {
  const tensors = featureTensors();
  const { data } = tensors[name]!;
  values.forEach((value, i) => {
    data[at + i] = value;
  });
  return tensors;
}

/** All that can be read of it. */
async function readAll(tensors: Record<string, Packed>) {
  const data = (await open(tensors))!;
  for (let f = 0; f < FEATURES_OF.width; f++) await data.snippets(f);
}

describe('FeatureData', () => {
  test('is null where there is no such file', async () => {
    expect(await FeatureData.open(memoryFolder('m', {}), 's/', FEATURES_OF)).toBeNull();
  });

  test('says at once what it is over, and reads the columns once', async () => {
    const data = (await open())!;
    expect(data.head).toEqual({
      tokens: { written: 100, arithmetic: 10, heldOut: 50 },
      labelRule: FEATURES_METADATA['label.rule'],
    });
    const columns = await data.columns();
    expect(await data.columns()).toBe(columns);
    expect([...columns.written]).toEqual([0.5, 0.25, 0, 0.125]);
    expect([...columns.heldOut]).toEqual([0.25, 0.125, 0, 0.5]);
    expect(columns.labels).toEqual(['after ', '龘龘', null, null]);
    expect(columns.similar).toMatchObject({ per: 2, ids: Uint16Array.of(1, 3, 0, 3, 0, 1, 0, 1) });
    expect(columns.nearestLayers).toEqual([1]);
  });

  test('gives a feature’s snippets, latents in units of its maximum', async () => {
    const data = (await open())!;
    expect(await data.snippets(0)).toEqual([
      { source: 'model', band: 0, peak: 1, ids: [1, 2, 3], values: [0, 8, 2] },
      { source: 'arithmetic', band: 0, peak: 0, ids: [4, 5], values: [10, 0] },
      { source: 'model', band: 2, peak: 0, ids: [6], values: [2] },
    ]);
    expect((await data.snippets(1))[0]!.values[1]).toBeCloseTo(5.1);
    expect(await data.snippets(2)).toEqual([]);
    expect(await data.snippets(3)).toEqual([]);
  });

  test('ids may be 32 bits wide, and weights unhashed', async () => {
    const wide = featureTensors();
    for (const [name, tensor] of Object.entries(wide))
      if (tensor.dtype === 'U16') wide[name] = { ...tensor, dtype: 'U32', data: Uint32Array.from(tensor.data) };
    const data = (await open(wide, FEATURES_METADATA, { ...FEATURES_OF, sha256: null }))!;
    expect(await data.snippets(0)).toEqual(await (await open())!.snippets(0));
  });

  test('figures may be half floats, and counts 16 bits wide', async () => {
    const narrow = featureTensors();
    const half = ({ shape, data }: Packed): Packed => ({
      dtype: 'F16',
      shape,
      data: float32ToFloat16(data as Float32Array),
    });
    for (const [name, tensor] of Object.entries(narrow)) {
      if (/logits|cosine|precision|recall/.test(name)) narrow[name] = half(tensor);
      if (name === 'histogram') narrow[name] = { ...tensor, dtype: 'U16', data: Uint16Array.from(tensor.data) };
    }
    expect(await (await open(narrow))!.columns()).toEqual(await (await open())!.columns());
    for (const name of ['maximum', 'density.written', 'density.held_out'])
      await expect(open({ ...narrow, [name]: half(narrow[name]!) })).rejects.toThrow(/stored as F16/);
  });

  test('a failed reading may be tried again', async () => {
    const folder = memoryFolder('m', { 's/features.safetensors': pack(featureTensors(), FEATURES_METADATA) });
    let fail = false;
    const { tryReadPart } = folder;
    folder.tryReadPart = async (path, begin, end) => {
      if (fail) throw new CorruptFileError('away');
      // Like a server that sends only part of the range.
      const part = (await tryReadPart(path, begin, Math.min(end, begin + 4000)))!;
      return { ...part, size: null };
    };
    const data = (await FeatureData.open(folder, 's/', FEATURES_OF))!;
    fail = true;
    await expect(data.columns()).rejects.toThrow('away');
    fail = false;
    expect((await data.columns()).labels[1]).toBe('龘龘');
  });

  test.each<[string, Record<string, string>, new (message: string) => LensError, RegExp]>([
    ['another format', { format: 'lenslet-features-2' }, CorruptFileError, /lenslet-features-1/],
    ['another layer', { layer: '4' }, ShapeMismatchError, /layer "4".*has 3/],
    ['another width', { width: '5' }, ShapeMismatchError, /width "5"/],
    ['another k', { k: '02' }, ShapeMismatchError, /k "02"/],
    ['other weights', { weights_sha256: 'cd' }, CorruptFileError, /other weights/],
    ['token counts that are no JSON', { tokens: '{' }, CorruptFileError, /tokens/],
    [
      'a token count below zero',
      { tokens: '{"written": -1, "arithmetic": 0, "held_out": 0}' },
      CorruptFileError,
      /written/,
    ],
    ['its own layer as another', { 'nearest.layers': '[3]' }, CorruptFileError, /nearest\.layers/],
    ['a layer twice', { 'nearest.layers': '[1, 1]' }, CorruptFileError, /nearest\.layers/],
    [
      'more layers than columns',
      { 'nearest.layers': '[1, 2]' },
      ShapeMismatchError,
      /nearest\.ids.*\[4, 1\].*\[4, 2\]/,
    ],
    ['no rule', { 'label.rule': '' }, CorruptFileError, /label\.rule/],
  ])('%s is refused at opening', async (_, metadata, kind, reason) => {
    const opened = open(featureTensors(), { ...FEATURES_METADATA, ...metadata });
    await expect(opened).rejects.toThrow(kind);
    await expect(opened).rejects.toThrow(reason);
  });

  test.each(Object.keys(featureTensors()))('%s must be there, of its shape and its type', async (name) => {
    const { [name]: tensor, ...rest } = featureTensors();
    await expect(open(rest)).rejects.toThrow(CorruptFileError);
    await expect(open({ ...rest, [name]: { ...tensor!, shape: [...tensor!.shape, 1] } })).rejects.toThrow(
      ShapeMismatchError,
    );
    const other =
      tensor!.data instanceof Float32Array ? Uint32Array.from(tensor!.data) : Float32Array.from(tensor!.data);
    const typed = open({
      ...rest,
      [name]: { shape: tensor!.shape, data: other, dtype: other instanceof Float32Array ? 'F32' : 'U32' },
    });
    // A label's text of four bytes a letter is another text, of another length.
    await expect(typed).rejects.toThrow(CorruptFileError);
  });

  test.each<[string, Record<string, Packed>, RegExp]>([
    ['a density above 1', changed('density.written', 1, 1.5), /density\.written holds 1\.5/],
    ['a density that is no number', changed('density.held_out', 0, Number.NaN), /density\.held_out/],
    ['a negative maximum', changed('maximum', 0, -1), /maximum/],
    ['an infinite maximum', changed('maximum', 0, Number.POSITIVE_INFINITY), /maximum/],
    ['a token beyond the vocabulary', changed('promoted.ids', 3, 20), /promoted\.ids holds 20/],
    ['an infinite logit', changed('suppressed.logits', 0, Number.NEGATIVE_INFINITY), /suppressed\.logits/],
    ['a feature beyond the width', changed('similar.ids', 0, 4), /similar\.ids holds 4/],
    ['a cosine above 1', changed('similar.cosine', 0, 1.1), /similar\.cosine/],
    ['a feature beyond the other site’s width', changed('nearest.ids', 2, 3), /feature 3 of layer 1/],
    ['labels that run backwards', changed('label.begin', 1, 12, 6), /label\.begin falls/],
    ['labels that end early', changed('label.begin', 2, 11, 11, 11), /label\.begin must run from 0 to 12/],
    ['labels that begin late', changed('label.begin', 0, 1), /label\.begin must run/],
    ['a label cut within a character', changed('label.begin', 1, 7), /feature 0/],
    ['a label that is no UTF-8', changed('label.text', 3, 0xff), /label\.text/],
    ['a precision above 1', changed('label.precision', 0, 2), /label\.precision/],
    ['snippets that run backwards', changed('snippet.first', 1, 4, 3), /snippet\.first falls/],
    ['fewer snippets than there are', changed('snippet.first', 4, 3), /snippet\.first/],
    ['tokens that run backwards', changed('snippet.begin', 1, 5, 3), /snippet\.begin falls/],
    ['an empty snippet', changed('snippet.begin', 1, 0), /snippet\.peak is 1 in snippet 0, which has 0/],
    ['a peak outside of its snippet', changed('snippet.peak', 1, 2), /snippet\.peak/],
    ['an unknown source', changed('snippet.source', 0, 2), /snippet\.source/],
    ['an unknown band', changed('snippet.band', 0, 4), /snippet\.band/],
    ['snippets of a feature that never fired', changed('maximum', 1, 0), /feature 1, which never fired/],
    ['a snippet’s token beyond the vocabulary', changed('snippet.tokens', 7, 20), /snippet\.tokens/],
    ['no firing at the peak', changed('snippet.values', 1, 0), /snippet\.values/],
  ])('%s is refused', async (_, tensors, reason) => {
    await expect(readAll(tensors)).rejects.toThrow(CorruptFileError);
    await expect(readAll(tensors)).rejects.toThrow(reason);
  });
});
