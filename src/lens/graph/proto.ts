/** The wire format of Protocol Buffers, writing only (https://protobuf.dev/programming-guides/encoding). A message is
 *  written field by field; an inner message is a finished ProtoWriter. */
export class ProtoWriter {
  private bytes = new Uint8Array(256);
  private length = 0;

  /** int32, int64, enum and bool fields: whole numbers from 0 to 2^53 - 1, and negative ones down to -2^53 + 1 as ten
   *  bytes of two's complement. */
  int(field: number, value: number): this {
    this.tag(field, 0);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest));
    return this;
  }

  /** A 32-bit float field. */
  float(field: number, value: number): this {
    this.tag(field, 5);
    this.raw(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  string(field: number, value: string): this {
    return this.blob(field, new TextEncoder().encode(value));
  }

  message(field: number, value: ProtoWriter): this {
    return this.blob(field, value.finish());
  }

  blob(field: number, value: Uint8Array): this {
    this.tag(field, 2);
    this.varint(value.length);
    this.raw(value);
    return this;
  }

  /** A repeated integer field, one entry a tag; readers take it for a packed one too. */
  ints(field: number, values: number[]): this {
    for (const value of values) this.int(field, value);
    return this;
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  private varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  private raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
