import { ProtoWriter } from './proto';

/** Writing an ONNX model. Field numbers are those of onnx.proto3 (github.com/onnx/onnx/blob/main/onnx/onnx.proto3). */

/** A fixed size, or the name of a size that the caller chooses per run. */
type Dim = number | string;
export type ElementType = 'float32' | 'float16' | 'uint8' | 'int32' | 'int64' | 'bool';
type Attribute = { int: number } | { float: number };

const ELEMENT: Record<ElementType, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 };
const FLOAT_ATTRIBUTE = 1;
const INT_ATTRIBUTE = 2;
const EXTERNAL_LOCATION = 1;
const IR_VERSION = 10;
const OPSET = 21;
/** ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft';
const ALIGNMENT = 64;

/** An input that is a buffer on the device. The caller owns the buffer, which is the same for every run and shared by
 *  all sessions that name it. */
export interface BoundInput {
  name: string;
  type: ElementType;
  dims: number[];
}

/** One ONNX graph, its nodes in the order they are added. Large weights go to one blob beside the model, at 64-byte
 *  aligned offsets. */
export class OnnxGraph {
  readonly inputs: string[] = [];
  readonly outputs: string[] = [];
  /** The bound inputs. */
  readonly bound: BoundInput[] = [];
  private readonly graph = new ProtoWriter();
  private readonly external: { offset: number; data: Float32Array | Uint16Array }[] = [];
  private externalLength = 0;
  private readonly blobPath: string;

  constructor(name: string) {
    this.blobPath = `${name}.data`;
    this.graph.string(2, name);
  }

  input(name: string, type: ElementType, dims: Dim[]): string {
    this.graph.message(11, valueInfo(name, type, dims));
    this.inputs.push(name);
    return name;
  }

  boundInput(name: string, type: ElementType, dims: number[]): string {
    this.bound.push({ name, type, dims });
    return this.input(name, type, dims);
  }

  output(name: string, type: ElementType, dims: Dim[]): string {
    this.graph.message(12, valueInfo(name, type, dims));
    this.outputs.push(name);
    return name;
  }

  /** A node with one output of the node's own name, which is returned. An empty name leaves that input out. */
  node(name: string, op: string, inputs: string[], attributes: Record<string, Attribute> = {}, domain = ''): string {
    this.nodeTo([name], name, op, inputs, attributes, domain);
    return name;
  }

  /** A node with the outputs named; an empty name leaves that output out. */
  nodeTo(
    outputs: string[],
    name: string,
    op: string,
    inputs: string[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): void {
    const node = new ProtoWriter();
    for (const input of inputs) node.string(1, input);
    for (const output of outputs) node.string(2, output);
    node.string(3, name).string(4, op);
    for (const [key, value] of Object.entries(attributes)) node.message(5, attribute(key, value));
    if (domain) node.string(7, domain);
    this.graph.message(1, node);
  }

  /** A small constant inside the model. */
  int64s(name: string, values: number[]): string {
    const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.graph.message(5, tensor(name, 'int64', [values.length]).blob(9, raw));
    return name;
  }

  /** `x` as another type of number. */
  cast(name: string, x: string, to: 'float32' | 'float16'): string {
    return this.node(name, 'Cast', [x], { to: { int: ELEMENT[to] } });
  }

  /** A weight in the blob, half floats as their bits. `data` is copied only by `finish`. */
  weight(name: string, data: Float32Array | Uint16Array, dims: number[]): string {
    const offset = this.externalLength;
    const location = [
      ['location', this.blobPath],
      ['offset', String(offset)],
      ['length', String(data.byteLength)],
    ] as const;
    const init = tensor(name, data instanceof Float32Array ? 'float32' : 'float16', dims);
    for (const [key, value] of location) init.message(13, new ProtoWriter().string(1, key).string(2, value));
    this.graph.message(5, init.int(14, EXTERNAL_LOCATION));
    this.external.push({ offset, data });
    this.externalLength = Math.ceil((offset + data.byteLength) / ALIGNMENT) * ALIGNMENT;
    return name;
  }

  /** The model and its blob. It lets go of each weight as it copies it, so that they are not held twice; call it
   *  once. */
  finish(): { model: Uint8Array; external: { path: string; data: Uint8Array }[] } {
    const model = new ProtoWriter()
      .int(1, IR_VERSION)
      .string(2, 'lenslet')
      .message(7, this.graph)
      .message(8, new ProtoWriter().string(1, '').int(2, OPSET))
      .message(8, new ProtoWriter().string(1, MICROSOFT).int(2, 1))
      .finish();
    const blob = new Uint8Array(this.externalLength);
    for (let next = this.external.pop(); next; next = this.external.pop()) {
      const { offset, data } = next;
      blob.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    }
    return { model, external: blob.length ? [{ path: this.blobPath, data: blob }] : [] };
  }
}

function attribute(name: string, value: Attribute): ProtoWriter {
  const message = new ProtoWriter().string(1, name);
  return 'int' in value
    ? message.int(3, value.int).int(20, INT_ATTRIBUTE)
    : message.float(2, value.float).int(20, FLOAT_ATTRIBUTE);
}

function tensor(name: string, type: ElementType, dims: number[]): ProtoWriter {
  return new ProtoWriter().ints(1, dims).int(2, ELEMENT[type]).string(8, name);
}

function valueInfo(name: string, type: ElementType, dims: Dim[]): ProtoWriter {
  const shape = new ProtoWriter();
  for (const dim of dims)
    shape.message(1, typeof dim === 'number' ? new ProtoWriter().int(1, dim) : new ProtoWriter().string(2, dim));
  const tensorType = new ProtoWriter().int(1, ELEMENT[type]).message(2, shape);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensorType));
}
