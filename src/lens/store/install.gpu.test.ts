import { expect, test } from 'vitest';
import { AbortedError, CorruptFileError, DamagedStoreError, StorageFullError } from '../api/errors';
import type { Progress } from '../api/open';
import { dequantise } from '../formats/quantise';
import { toFloat32 } from '../formats/safetensors';
import { readTensorTable } from '../formats/tensor-table';
import { createHostConverter } from '../kernels/convert-host';
import type { Converter } from '../kernels/converter';
import { contentsOf, toyModel, toySource, toyStore, watched } from '../testing/toy-store';
import { installModel } from './install';
import { partsOf } from './manifest';
import type { Store } from './store';
import { storedSource, storedTensors } from './stored';
import type { InstallOptions } from './wanted';

const converter = createHostConverter();
const options = (store: Store, more: Partial<InstallOptions> = {}): InstallOptions => ({
  store,
  converter,
  pieceBytes: 1024,
  ...more,
});
const shard = 'model-00002-of-00002.safetensors';

test('a model is kept as the converter gives it, each file read once from its first byte to its last', async () => {
  const store = await toyStore();
  const files = toyModel();
  const source = await toySource(files);
  const table = await readTensorTable(source);
  source.reads.length = 0;
  const seen: Progress[] = [];
  const manifest = await installModel(source, 'q4', options(store, { onProgress: (p) => seen.push(p) }));
  expect(manifest.complete).toBe(true);
  expect(manifest.hashes).toEqual(Object.fromEntries(table.files.map(({ path, sha256 }) => [path, sha256])));
  const whole = source.reads.filter(
    ({ path, begin, end }) => path.endsWith('.safetensors') && begin === 0 && end === files[path]!.length,
  );
  // Once for the header, which covers the whole of so small a file, and once for the data.
  expect(whole.length).toBe(4);
  const { loaded, total } = seen.at(-1)!;
  expect([loaded, total, seen.at(-1)!.stage]).toEqual([manifest.total, manifest.total, 'download']);

  const tensors = storedTensors(store, manifest);
  const bytesOf = (name: string) => {
    const { file, begin, end, dtype } = table.tensors.get(name)!;
    return toFloat32(files[file]!.subarray(begin, end), dtype, name);
  };
  for (const [name, bits] of [
    ['model.layers.0.mlp.down_proj.weight', 4],
    ['model.embed_tokens.weight', 8],
  ] as const) {
    const tensor = tensors.get(name)!;
    expect(tensor.encoding).toBe(`q${bits}`);
    expect(tensor.pieces.length).toBeGreaterThan(1);
    const numbers: number[] = [];
    for (const piece of tensor.pieces) {
      const bytes = await piece.read();
      const count = piece.rows * tensor.shape[1]!;
      const packed = bytes.slice(0, (count * bits) / 8);
      numbers.push(...dequantise({ packed, scales: new Float32Array(bytes.slice(packed.length).buffer) }, bits));
    }
    const original = bytesOf(name);
    expect(numbers.length).toBe(original.length);
    const step = bits === 4 ? 1 / 7 : 1 / 127;
    for (let i = 0; i < numbers.length; i++) expect(Math.abs(numbers[i]! - original[i]!)).toBeLessThan(step);
  }
  const norm = tensors.get('model.norm.weight')!;
  expect(new Float32Array((await norm.pieces[0]!.read()).buffer)).toEqual(bytesOf('model.norm.weight'));
  expect(tensors.has('visual.patch.weight')).toBe(false);
  expect(await storedSource(store, manifest).read('tokenizer.json')).toEqual(files['tokenizer.json']);
  expect(await storedSource(store, manifest).tryRead('golden.json')).toBeNull();
});

test('stopped after any chunk, it goes on behind the last piece that was written and ends with the same bytes', async () => {
  const files = toyModel();
  const reference = await toyStore();
  let chunks = 0;
  await installModel(
    watched(await toySource(files), () => chunks++),
    'q4',
    options(reference),
  );
  const wanted = await contentsOf(reference);
  // Reading headers writes nothing, so one stop is enough.
  let headers = 0;
  await readTensorTable(watched(await toySource(files), () => headers++));
  for (let stop = headers - 1; stop < chunks; stop++) {
    const store = await toyStore();
    const controller = new AbortController();
    const cut = watched(await toySource(files), (n) => n === stop && controller.abort());
    await expect(installModel(cut, 'q4', options(store, { signal: controller.signal }))).rejects.toThrow(AbortedError);
    const source = await toySource(files);
    const [left] = await store.list();
    const before = left?.read ?? 0;
    const offsets = Object.entries((await store.manifests.all()).sound[0]?.resume ?? {});
    const manifest = await installModel(source, 'q4', options(store));
    expect(await contentsOf(store), `stopped at chunk ${stop}`).toEqual(wanted);
    for (const [path, { offset }] of offsets) {
      expect(
        source.reads.some((read) => read.path === path && read.begin === offset && read.end === files[path]!.length),
      ).toBe(true);
    }
    expect(before).toBeLessThan(manifest.total);
    if (left) expect(left.complete).toBe(false);
  }
});

test('a byte that was altered on the way is found by the file’s hash, and the file is fetched anew', async () => {
  const files = toyModel();
  const store = await toyStore();
  const source = await toySource(files);
  const bytes = files[shard]!;
  // A bit in a number's mantissa, in data without gaps: only the hash can tell.
  bytes[bytes.length - 3_000]! ^= 1;
  await expect(installModel(source, 'q4', options(store))).rejects.toThrow(CorruptFileError);
  const [entry] = await store.list();
  expect(entry!.complete).toBe(false);
  const [left] = (await store.manifests.all()).sound;
  expect(Object.keys(left!.hashes)).toEqual(['model-00001-of-00002.safetensors']);
  expect(left!.tensors['model.norm.weight']!.parts).toEqual([]);
  bytes[bytes.length - 3_000]! ^= 1;
  const manifest = await installModel(source, 'q4', options(store));
  const reference = await toyStore();
  await installModel(await toySource(files), 'q4', options(reference));
  expect(manifest.complete).toBe(true);
  await store.sweep();
  expect(await contentsOf(store)).toEqual(await contentsOf(reference));
});

test('altered before a stop: the hash that goes on behind it still finds it', async () => {
  const files = toyModel();
  const store = await toyStore();
  const source = await toySource(files);
  const controller = new AbortController();
  const first = files['model-00001-of-00002.safetensors']!;
  const at = first.length - 7_000;
  first[at]! ^= 1;
  // The last chunk of the first shard, after the bytes read for the headers.
  let last = Math.floor(first.length / 700);
  await readTensorTable(watched(await toySource(files), () => last++));
  const cut = watched(source, (n) => n === last && controller.abort());
  await expect(installModel(cut, 'q4', options(store, { signal: controller.signal }))).rejects.toThrow(AbortedError);
  first[at]! ^= 1;
  expect((await store.manifests.all()).sound[0]!.resume['model-00001-of-00002.safetensors']!.offset).toBeGreaterThan(
    at,
  );
  await expect(installModel(source, 'q4', options(store))).rejects.toThrow(/SHA-256 differs/);
});

test('parts that were damaged, cut or removed are found on reading and by verify, and only they are fetched again', async () => {
  const files = toyModel();
  const store = await toyStore();
  const source = await toySource(files);
  const manifest = await installModel(source, 'q4', options(store));
  const before = await contentsOf(store);
  const name = 'model.layers.0.mlp.gate_proj.weight';
  const [one, two, three] = manifest.tensors[name]!.parts;
  await tamper(store, one!.sha256, (bytes) => bytes.with(5, bytes[5]! ^ 1));
  await tamper(store, two!.sha256, (bytes) => bytes.slice(0, 9));
  await store.parts.remove(three!.sha256);

  await expect(storedTensors(store, manifest).get(name)!.pieces[0]!.read()).rejects.toThrow(DamagedStoreError);
  expect((await store.list())[0]).toMatchObject({ complete: false, read: manifest.total - 1024 });
  expect(await store.verify(manifest.key)).toBe(3);
  expect((await store.list())[0]!.complete).toBe(false);

  source.reads.length = 0;
  const mended = await installModel(source, 'q4', options(store));
  expect(mended.complete).toBe(true);
  expect(await contentsOf(store)).toEqual(before);
  // Besides the headers: three rows of 1 KiB, and no shard's whole data.
  const data = source.reads.filter(({ path, begin }) => path.endsWith('.safetensors') && begin > 0);
  expect(data.map(({ begin, end }) => end - begin)).toEqual([1024, 1024, 1024]);
  expect(await store.verify(manifest.key)).toBe(0);
});

test('where a piece becomes other bytes than it was, its whole file is converted anew', async () => {
  const files = toyModel();
  const store = await toyStore();
  const manifest = await installModel(await toySource(files), 'q4', options(store));
  const name = 'model.layers.0.mlp.gate_proj.weight';
  // A GPU that rounds differently: one matrix would mix pieces of both.
  const other: Converter = {
    ...converter,
    async quantise(...args) {
      const made = await converter.quantise(...args);
      made.packed[0]! ^= 1;
      return made;
    },
  };
  await store.parts.remove(manifest.tensors[name]!.parts[0]!.sha256);
  const mended = await installModel(await toySource(files), 'q4', options(store, { converter: other }));
  expect(mended.read).toBe(mended.total);
  const reference = await toyStore();
  const whole = await installModel(await toySource(files), 'q4', options(reference, { converter: other }));
  expect(mended.complete).toBe(true);
  // The first shard is unchanged; the second is entirely from the other GPU.
  const first = 'model.embed_tokens.weight';
  expect(mended.tensors).toEqual({
    ...whole.tensors,
    ...pick(
      manifest.tensors,
      (tensor) => tensor === first || (tensor.includes('.self_attn.') && !tensor.includes('o_proj')),
    ),
  });
});

test('a state of a hash that nobody knows begins the file anew', async () => {
  const files = toyModel();
  const store = await toyStore();
  const controller = new AbortController();
  const cut = watched(await toySource(files), (n) => n === 60 && controller.abort());
  await expect(installModel(cut, 'q4', options(store, { signal: controller.signal }))).rejects.toThrow(AbortedError);
  const [left] = (await store.manifests.all()).sound;
  expect(Object.keys(left!.resume)).toEqual([shard]);
  await store.manifests.put({ ...left!, resume: { [shard]: { ...left!.resume[shard]!, state: 'AAAA' } } });
  expect((await installModel(await toySource(files), 'q4', options(store))).complete).toBe(true);
});

test('a small file that was damaged is fetched again', async () => {
  const files = toyModel();
  const store = await toyStore();
  const manifest = await installModel(await toySource(files), 'q4', options(store));
  await tamper(store, manifest.whole['tokenizer.json']!.sha256, (bytes) => bytes.with(0, 0));
  await expect(storedSource(store, manifest).read('tokenizer.json')).rejects.toThrow(DamagedStoreError);
  const mended = await installModel(await toySource(files), 'q4', options(store));
  expect(await storedSource(store, mended).read('tokenizer.json')).toEqual(files['tokenizer.json']);
  expect(mended).toMatchObject({ complete: true, read: mended.total });
});

test('a small file that was not looked for before is added, and the entry stays readable', async () => {
  const store = await toyStore();
  const before = toyModel();
  delete before.LICENSE;
  await installModel(await toySource(before), 'q4', options(store));
  const manifest = await installModel(await toySource(toyModel()), 'q4', options(store));
  expect(manifest).toMatchObject({ complete: true, read: manifest.total });
  expect(await store.manifests.get(manifest.key)).toEqual(manifest);
});

test('two installs at once: one waits and says so, both end with one store', async () => {
  const files = toyModel();
  const store = await toyStore();
  const [a, b] = [await toySource(files), await toySource(files)];
  const waits: string[] = [];
  const [one, two] = await Promise.all([
    installModel(a, 'q4', options(store, { onWait: () => waits.push('a') })),
    installModel(b, 'q4', options(store, { onWait: () => waits.push('b') })),
  ]);
  expect(waits.length).toBe(1);
  expect(two.tensors).toEqual(one.tensors);
  const waited = waits[0] === 'a' ? a : b;
  expect(waited.reads.filter(({ path, end }) => path === shard && end === files[shard]!.length).length).toBeLessThan(2);
  const reference = await toyStore();
  await installModel(await toySource(files), 'q4', options(reference));
  expect(await contentsOf(store)).toEqual(await contentsOf(reference));
});

test('waiting for another install can be stopped', async () => {
  const files = toyModel();
  const store = await toyStore();
  const controller = new AbortController();
  const source = await toySource(files);
  let waiting: Promise<unknown> = Promise.resolve();
  const second = () =>
    installModel(source, 'q4', options(store, { signal: controller.signal, onWait: () => controller.abort() })).catch(
      (error: unknown) => error,
    );
  const begun = watched(await toySource(files), (n) => {
    if (n === 60) waiting = second();
  });
  expect((await installModel(begun, 'q4', options(store))).complete).toBe(true);
  expect(await waiting).toBeInstanceOf(AbortedError);
});

test('too little room is refused with the figures before anything is fetched', async () => {
  const store = await toyStore({ storage: { estimate: async () => ({ usage: 990_000, quota: 1_000_000 }) } });
  const source = await toySource(toyModel());
  const failed = await installModel(source, 'f16', options(store)).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(StorageFullError);
  const { needed, free } = (failed as StorageFullError).fields as { needed: number; free: number };
  expect(free).toBe(10_000);
  const manifest = await installModel(source, 'f16', options(await toyStore()));
  const kept = partsOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(needed).toBe(Math.ceil(kept * 1.05));
  expect(await store.parts.names()).toEqual([]);
});

test('a disk that is full in the middle keeps what is there', async () => {
  const files = toyModel();
  const store = await toyStore();
  const { write } = store.parts;
  let left = 8;
  store.parts.write = async (bytes) => {
    if (left-- === 0) throw new StorageFullError('full');
    return write.call(store.parts, bytes);
  };
  await expect(installModel(await toySource(files), 'q4', options(store))).rejects.toThrow(StorageFullError);
  store.parts.write = write;
  expect((await store.list())[0]).toMatchObject({ complete: false });
  expect((await store.parts.names()).length).toBe(8);
  const manifest = await installModel(await toySource(files), 'q4', options(store));
  expect(manifest.complete).toBe(true);
});

test('numbers that are not finite are refused by the tensor’s name', async () => {
  const files = toyModel();
  const bytes = files[shard]!;
  // The last number of model.norm.weight, the file's last.
  bytes[bytes.length - 1] = 0x7f;
  bytes[bytes.length - 2] = 0xc0;
  await expect(installModel(await toySource(files), 'q4', options(await toyStore()))).rejects.toThrow(
    /model\.norm\.weight.* not finite/,
  );
});

test('a folder of the same name with other files is another entry', async () => {
  const store = await toyStore();
  const picked = { kind: 'picked', name: 'mine' } as const;
  const one = await installModel(await toySource(toyModel(1), picked), 'q4', options(store));
  const two = await installModel(await toySource(toyModel(2), picked), 'q4', options(store));
  expect(two.key).not.toBe(one.key);
  expect((await store.list()).map(({ complete }) => complete)).toEqual([true, true]);
});

function pick<T>(record: Record<string, T>, of: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => of(name)));
}

async function tamper(
  store: Store,
  hash: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Promise<void> {
  const { folder } = store.parts as unknown as { folder: FileSystemDirectoryHandle };
  const handle = await folder.getFileHandle(hash);
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  const writable = await handle.createWritable();
  await writable.write(change(bytes));
  await writable.close();
}
