import { CorruptFileError, MissingFileError, UnsupportedModelError } from '../api/errors';
import type { Source, SourceFile, StreamOptions } from '../sources/source';
import {
  MAX_PICKLE,
  PickleCall,
  PickleDict,
  PickleGlobal,
  PicklePersistent,
  PickleTuple,
  type PickleValue,
  parsePickle,
} from './pickle';
import { SIZES } from './safetensors';
import { openTorchZip, type TorchZip } from './torch-zip';

/** Where a tensor of a torch file lies; positions count from the start of the file, zip included. */
export interface TorchTensor {
  dtype: string;
  /** The shape in PyTorch. */
  shape: number[];
  begin: number;
  end: number;
  /** True for a matrix saved as the transpose of another: it is stored column by column instead of row by row. */
  byColumns: boolean;
}

export interface TorchFile {
  file: SourceFile;
  /** The tensors of the dict, and of dicts in it: `state.W_enc` is W_enc in the dict `state`. Two views of one tensor
   *  share bytes. */
  tensors: ReadonlyMap<string, TorchTensor>;
  /** Its numbers, texts and flags, named in the same way; other values are left out. */
  values: ReadonlyMap<string, number | string | boolean>;
}

/** Most dicts in each other. */
const MOST_DEEP = 3;

/** torch's storages, and safetensors' names for their types. */
const DTYPES: Readonly<Record<string, string>> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

/** Finds the tensors in a file of `torch.save({name: tensor, …})` without reading their bytes; executes nothing in it.
 *  Throws MissingFileError, CorruptFileError, and UnsupportedModelError for anything but such a dict, and for a tensor
 *  with gaps between its numbers. */
export async function readTorchFile(source: Source, path: string, options: StreamOptions = {}): Promise<TorchFile> {
  const file = await source.stat(path, options);
  if (!file) throw new MissingFileError(`${source.name} has no file ${path}.`, { folder: source.name, path });
  const zip = await openTorchZip(source, file, options);
  const pickles = [...zip.entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const pickle = pickles[0];
  if (pickle === undefined || pickles.length > 1)
    throw new CorruptFileError(
      `${path} is a zip with ${pickles.length} data.pkl in it; torch.save writes one. Download it again.`,
      { file: path },
    );
  const folder = pickle.slice(0, -'data.pkl'.length);
  await checkByteOrder(zip, `${folder}byteorder`, options);
  const root = parsePickle(await zip.read(pickle, MAX_PICKLE, options), path);
  if (!(root instanceof PickleDict))
    throw new UnsupportedModelError(
      `${path} does not hold a dict of tensors. Save one: torch.save({'W_enc': …}, file).`,
      { file: path },
    );
  const reader = new TensorReader(zip, folder, options);
  const tensors = new Map<string, TorchTensor>();
  const values = new Map<string, number | string | boolean>();
  for (const [name, value] of leavesOf(root, '', MOST_DEEP)) {
    const call = rebuilt(value);
    if (call) tensors.set(name, await reader.read(name, call));
    else if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
      values.set(name, value);
  }
  return { file, tensors, values };
}

function* leavesOf(dict: PickleDict, before: string, deep: number): Generator<[string, PickleValue]> {
  for (const [name, value] of dict.entries) {
    if (typeof name !== 'string') continue;
    if (!(value instanceof PickleDict)) yield [before + name, value];
    else if (deep > 1) yield* leavesOf(value, `${before}${name}.`, deep - 1);
  }
}

/** PyTorch 2.1 and later state the byte order; older versions always used the machine's. */
async function checkByteOrder(zip: TorchZip, entry: string, options: StreamOptions): Promise<void> {
  if (!zip.entries.has(entry)) return;
  const order = new TextDecoder().decode(await zip.read(entry, 16, options));
  if (order !== 'little')
    throw new UnsupportedModelError(
      `${zip.file.path} was saved with the byte order ${JSON.stringify(order)}. Lenslet reads little-endian files.`,
      {
        file: zip.file.path,
      },
    );
}

/** The call that makes a tensor, also from inside the call that makes it a parameter; null for any other value. */
function rebuilt(value: PickleValue): PickleCall | null {
  const inner =
    value instanceof PickleCall && value.name === 'torch._utils._rebuild_parameter' ? value.args[0]! : value;
  return inner instanceof PickleCall && inner.name === 'torch._utils._rebuild_tensor_v2' ? inner : null;
}

class TensorReader {
  private readonly places = new Map<string, { begin: number; end: number }>();
  private readonly path: string;

  constructor(
    private readonly zip: TorchZip,
    private readonly folder: string,
    private readonly options: StreamOptions,
  ) {
    this.path = zip.file.path;
  }

  /** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)`. */
  async read(name: string, { args: [persistent, offset, sizes, strides] }: PickleCall): Promise<TorchTensor> {
    const { dtype, begin, count } = await this.storage(name, persistent);
    const shape = this.integers(name, sizes);
    const stride = this.integers(name, strides);
    if (shape.length !== stride.length || shape.length > 8 || !isSize(offset))
      throw this.corrupt(name, 'has sizes and strides that do not belong together');
    const numbers = shape.reduce((product, n) => product * n, 1);
    if (!Number.isSafeInteger(numbers) || offset + numbers > count)
      throw this.corrupt(
        name,
        `of shape [${shape.join(', ')}] reaches out of the ${count} numbers that are stored for it`,
      );
    const byRows = liesInOrder(shape, stride);
    const byColumns = !byRows && shape.length === 2 && liesInOrder([shape[1]!, shape[0]!], [stride[1]!, stride[0]!]);
    if (!byRows && !byColumns) {
      throw new UnsupportedModelError(
        `${this.path}: ${shown(name)} has the strides [${stride.join(', ')}] for its shape [${shape.join(', ')}]: its numbers do not lie one after the other. Save it with .contiguous().`,
        { file: this.path, tensor: shown(name) },
      );
    }
    const size = SIZES[dtype]!;
    return { dtype, shape, begin: begin + offset * size, end: begin + (offset + numbers) * size, byColumns };
  }

  /** Reads `('storage', type, key, device, count)`. The stored bytes must have exactly that length. */
  private async storage(
    name: string,
    value: PickleValue | undefined,
  ): Promise<{ dtype: string; begin: number; count: number }> {
    const id = value instanceof PicklePersistent && value.id instanceof PickleTuple ? value.id.items : [];
    const [kind, type, key, , count] = id;
    const dtype = type instanceof PickleGlobal && Object.hasOwn(DTYPES, type.name) ? DTYPES[type.name] : undefined;
    if (
      id.length !== 5 ||
      kind !== 'storage' ||
      !dtype ||
      typeof key !== 'string' ||
      !/^\d{1,20}$/.test(key) ||
      !isSize(count)
    )
      throw this.corrupt(name, 'names no storage');
    const entry = `${this.folder}data/${key}`;
    const place = this.places.get(entry) ?? (await this.zip.locate(entry, this.options));
    this.places.set(entry, place);
    if (place.end - place.begin !== count * SIZES[dtype]!)
      throw this.corrupt(
        name,
        `is of a storage of ${count} numbers of ${SIZES[dtype]} bytes, for which ${place.end - place.begin} bytes are stored`,
      );
    return { dtype, begin: place.begin, count };
  }

  private integers(name: string, value: PickleValue | undefined): number[] {
    const items = value instanceof PickleTuple ? value.items : null;
    if (!items?.every(isSize)) throw this.corrupt(name, 'has a size or stride that is no whole number');
    return [...items];
  }

  private corrupt(tensor: string, why: string): CorruptFileError {
    return new CorruptFileError(`${this.path} is damaged: ${shown(tensor)} ${why}. Download it again.`, {
      file: this.path,
      tensor: shown(tensor),
    });
  }
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Whether a tensor is row-major without gaps. The stride of a dimension of size one means nothing, and an empty tensor
 *  has no order. */
function liesInOrder(shape: readonly number[], stride: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}

function shown(name: string): string {
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
}
