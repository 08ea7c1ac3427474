import { expect, test } from 'vitest';
import { readFields } from '../testing/onnx-reader';
import { ProtoWriter } from './proto';

test('the examples of the encoding guide', () => {
  expect([...new ProtoWriter().int(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
  expect([...new ProtoWriter().string(2, 'testing').finish()]).toEqual([
    0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67,
  ]);
  expect([...new ProtoWriter().message(3, new ProtoWriter().int(1, 150)).finish()]).toEqual([
    0x1a, 0x03, 0x08, 0x96, 0x01,
  ]);
  expect([...new ProtoWriter().int(1, -2).finish()]).toEqual([
    0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
  ]);
  expect([...new ProtoWriter().float(20, 1.5).finish()]).toEqual([0xa5, 0x01, 0, 0, 0xc0, 0x3f]);
});

test('what is written is read back, numbers beyond 32 bits and long blobs too', () => {
  const long = new Uint8Array(100_000).fill(7);
  const bytes = new ProtoWriter()
    .ints(1, [0, 1, 127, 128, -1, 2 ** 40, Number.MAX_SAFE_INTEGER])
    .blob(2, long)
    .string(16, '中')
    .finish();
  const fields = readFields(bytes);
  expect(fields.slice(0, 7).map((f) => Number(f.int))).toEqual([0, 1, 127, 128, -1, 2 ** 40, Number.MAX_SAFE_INTEGER]);
  expect(Buffer.compare(fields[7]!.bytes, long)).toBe(0);
  expect(fields[8]).toMatchObject({ field: 16, bytes: new TextEncoder().encode('中') });
});
