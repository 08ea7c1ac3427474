/** A small reader of the bytes the tests look at, independent of the writer: plain varints and length-delimited
 *  fields. */

export interface ReadField {
  field: number;
  int: bigint;
  bytes: Uint8Array;
}

export function readFields(message: Uint8Array): ReadField[] {
  const fields: ReadField[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= message.length) throw new Error('The message ends inside a number.');
      const byte = message[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    if (at + length > message.length) throw new Error('The message ends inside a field.');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const wire = tag % 8;
    const field = Math.floor(tag / 8);
    if (wire === 0) fields.push({ field, int: BigInt.asIntN(64, varint()), bytes: new Uint8Array() });
    else if (wire === 2) fields.push({ field, int: 0n, bytes: take(Number(varint())) });
    else if (wire === 5) fields.push({ field, int: 0n, bytes: take(4) });
    else throw new Error(`Unexpected wire type ${wire}.`);
  }
  return fields;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const all = (message: Uint8Array, field: number) => readFields(message).filter((f) => f.field === field);
const texts = (message: Uint8Array, field: number) => all(message, field).map((f) => text(f.bytes));
const ints = (message: Uint8Array, field: number) => all(message, field).map((f) => Number(f.int));

export interface ReadNode {
  op: string;
  name: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, number>;
}

export interface ReadWeight {
  name: string;
  type: number;
  dims: number[];
  /** External data: path, offset and length. */
  external: Record<string, string>;
  raw: Uint8Array;
}

export interface ReadModel {
  irVersion: number;
  opsets: Record<string, number>;
  nodes: ReadNode[];
  weights: ReadWeight[];
  /** name -> "elementType:dims". */
  inputs: Record<string, string>;
  outputs: Record<string, string>;
}

export function readModel(model: Uint8Array): ReadModel {
  const [graph] = all(model, 7);
  if (!graph) throw new Error('The model has no graph.');
  const values = (field: number) =>
    Object.fromEntries(all(graph.bytes, field).map((f) => [texts(f.bytes, 1)[0]!, readType(f.bytes)]));
  return {
    irVersion: ints(model, 1)[0]!,
    opsets: Object.fromEntries(all(model, 8).map((f) => [texts(f.bytes, 1)[0] ?? '', ints(f.bytes, 2)[0]!])),
    nodes: all(graph.bytes, 1).map((f) => readNode(f.bytes)),
    weights: all(graph.bytes, 5).map((f) => readWeight(f.bytes)),
    inputs: values(11),
    outputs: values(12),
  };
}

function readNode(node: Uint8Array): ReadNode {
  const attributes: Record<string, number> = {};
  for (const { bytes } of all(node, 5)) {
    const [float] = all(bytes, 2);
    const value = float ? new DataView(float.bytes.slice().buffer).getFloat32(0, true) : ints(bytes, 3)[0]!;
    if (ints(bytes, 20)[0] !== (float ? 1 : 2)) throw new Error('An attribute is not of the type it says.');
    attributes[texts(bytes, 1)[0]!] = value;
  }
  return {
    inputs: texts(node, 1),
    outputs: texts(node, 2),
    name: texts(node, 3)[0]!,
    op: texts(node, 4)[0]!,
    domain: texts(node, 7)[0] ?? '',
    attributes,
  };
}

function readWeight(weight: Uint8Array): ReadWeight {
  const external = Object.fromEntries(all(weight, 13).map((f) => [texts(f.bytes, 1)[0]!, texts(f.bytes, 2)[0]!]));
  return {
    dims: ints(weight, 1),
    type: ints(weight, 2)[0]!,
    name: texts(weight, 8)[0]!,
    external,
    raw: all(weight, 9)[0]?.bytes ?? new Uint8Array(),
  };
}

function readType(value: Uint8Array): string {
  const tensor = all(all(value, 2)[0]!.bytes, 1)[0]!.bytes;
  const dims = all(all(tensor, 2)[0]!.bytes, 1).map((f) => texts(f.bytes, 2)[0] ?? String(ints(f.bytes, 1)[0]));
  return `${ints(tensor, 1)[0]}:${dims.join(',')}`;
}
