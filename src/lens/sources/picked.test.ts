import { describe, expect, test } from 'vitest';
import { AbortedError, MissingFileError } from '../api/errors';
import { noise, readAll, same } from '../testing/hub';
import { openSource } from './open-source';
import { pickedSource } from './picked';

const BIG = noise(9_000_000);

function picked(paths: (string | [string, BlobPart])[], name = 'picked') {
  const files = paths.map((each) => {
    const [path, content] = typeof each === 'string' ? [each, each] : each;
    return { path, file: new File([content], path.split('/').at(-1)!) };
  });
  return { name, files };
}

const listed = async (paths: string[]) => (await pickedSource(picked(paths)).list!()).sort();

describe('a picked folder', () => {
  test('is read whole, by range and as a stream, and cannot be left', async () => {
    const source = await openSource({
      kind: 'picked',
      folder: picked(['config.json', ['model.safetensors', BIG]], 'Qwen3'),
    });
    expect(source.name).toBe('Qwen3');
    expect(source.origin).toEqual({ kind: 'picked', name: 'Qwen3' });
    expect(source.licence).toBeNull();
    expect(await source.stat('model.safetensors')).toEqual({
      path: 'model.safetensors',
      size: BIG.length,
      sha256: null,
    });
    expect(await source.stat('other')).toBeNull();
    expect(Buffer.from(await source.read('config.json')).toString()).toBe('config.json');
    expect(await source.tryRead('other')).toBeNull();
    await expect(source.read('other')).rejects.toThrow(MissingFileError);
    expect(same(await readAll(source, 'model.safetensors'), BIG)).toBe(true);
    expect(
      same(await readAll(source, 'model.safetensors', 4_194_300, 8_400_000), BIG.slice(4_194_300, 8_400_000)),
    ).toBe(true);
    expect((await source.tryReadPart('model.safetensors', 10, 20))!.bytes).toEqual(BIG.slice(10, 20));
    for (const path of ['../config.json', '/config.json', 'a//b'])
      await expect(source.tryRead(path)).rejects.toThrow(MissingFileError);
    for (const [begin, end] of [
      [-1, 5],
      [5, 2],
      [0, BIG.length + 1],
      [0.5, 2],
    ] as const)
      await expect(readAll(source, 'model.safetensors', begin, end)).rejects.toThrow(MissingFileError);
  });

  test('is never read in large pieces', async () => {
    const source = pickedSource(picked([['model.safetensors', BIG]]));
    for await (const piece of source.stream('model.safetensors', 0, BIG.length))
      expect(piece.length).toBeLessThanOrEqual(4 << 20);
  });

  test('loses the folders around the one that holds the model or the dictionary', async () => {
    expect(await listed(['Qwen3/config.json', 'Qwen3/sae/layer_0/cfg.json', 'Qwen3/model.safetensors'])).toEqual([
      'config.json',
      'model.safetensors',
      'sae/layer_0/cfg.json',
    ]);
    expect(await listed(['/Qwen3/config.json', '/Qwen3/a.txt'])).toEqual(['a.txt', 'config.json']);
    expect(
      await listed([
        'models--Q/refs/main',
        'models--Q/snapshots/abc/config.json',
        'models--Q/snapshots/abc/x/config.json',
      ]),
    ).toEqual(['config.json', 'x/config.json']);
    expect(await listed(['SAE/layer0.sae.pt', 'SAE/layer10.sae.pt', 'SAE/README.md'])).toEqual([
      'README.md',
      'layer0.sae.pt',
      'layer10.sae.pt',
    ]);
    expect(await listed(['r/layer_0/cfg.json', 'r/layer_1/cfg.json'])).toEqual([
      'layer_0/cfg.json',
      'layer_1/cfg.json',
    ]);
    expect(await listed(['r/layer_0/cfg.json', 'r/layer_0/sae_weights.safetensors'])).toEqual([
      'cfg.json',
      'sae_weights.safetensors',
    ]);
    expect(await listed(['r/a/x.txt', 'r/b/y.txt'])).toEqual(['a/x.txt', 'b/y.txt']);
    expect(await listed(['config.json', 'deep/config.json'])).toEqual(['config.json', 'deep/config.json']);
    expect(await listed([])).toEqual([]);
  });

  test('of several dictionaries, in whatever form, begins around all of them, and of one at its own folder', async () => {
    const trained = ['dl/trainer_0/ae.pt', 'dl/trainer_0/config.json'];
    const saelens = ['topk/cfg.json', 'topk/sae_weights.safetensors'];
    for (const paths of [
      [...trained, ...saelens],
      [...trained, 'gemma/layer_3/params.npz'],
      ['layer_4.pt', ...saelens],
    ])
      expect(await listed(paths)).toEqual(paths.sort());
    expect(await listed(trained)).toEqual(['ae.pt', 'config.json']);
    expect(await listed(['run/config.json', 'run/layers.3/cfg.json'])).toEqual(['config.json', 'layers.3/cfg.json']);
    // The layer stands in the folder's name alone.
    expect(await listed(['run/layers.3/cfg.json'])).toEqual(['layers.3/cfg.json']);
    // The configuration of a dictionary is none of a model, however high it lies.
    expect(await listed([...trained, 'models/qwen/base/config.json'])).toEqual(['config.json']);
  });

  test('stops with the signal, and says when a file cannot be read any more', async () => {
    const source = pickedSource(picked(['config.json']));
    await expect(source.read('config.json', { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    const gone = new File(['{}'], 'config.json');
    gone.slice = () =>
      ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }) as unknown as Blob;
    const changed = new File(['{}'], 'config.json');
    changed.slice = () => new Blob(['{']);
    for (const file of [gone, changed])
      await expect(
        pickedSource({ name: 'x', files: [{ path: 'config.json', file }] }).read('config.json'),
      ).rejects.toThrow(/pick the folder again/);
  });
});
