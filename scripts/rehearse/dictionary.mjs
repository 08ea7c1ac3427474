import { BLOCK, bytes, laid, normals, placeOf } from './noise.mjs';
import { writeTorchFile } from './torch-file.mjs';

/** A dictionary of Qwen-Scope's layout out of noise: encoder rows near length 1, and each feature's decoder column the
 *  encoder row at length 1, as dictionaries are before they are trained. So its codes do reconstruct a part of the
 *  residual. */
export class NoiseDictionary {
  constructor(/** @type {{ d: number, width: number, seed: number }} */ { d, width, seed }) {
    this.d = d;
    this.width = width;
    this.block = normals(BLOCK, seed, 1 / Math.sqrt(d));
    this.begin = placeOf('W_enc', seed, BLOCK);
    this.encoderBias = normals(width, placeOf('b_enc', seed, 2 ** 32), 0.05);
    this.decoderBias = normals(d, placeOf('b_dec', seed, 2 ** 32), 0.1);
  }

  *encoder() {
    for (const view of laid(this.block, this.begin, this.width * this.d)) yield bytes(view);
  }

  /** [d, width], in pieces of whole rows. */
  *decoder() {
    const { d, width, block, begin } = this;
    const scales = this.scales();
    const rows = Math.max(1, Math.floor(4_000_000 / width));
    for (let first = 0; first < d; first += rows) {
      const piece = new Float32Array(Math.min(rows, d - first) * width);
      for (let out = 0, row = first; out < piece.length; row++) {
        for (let feature = 0, at = (begin + row) % BLOCK; feature < width; feature++, at = (at + d) % BLOCK)
          piece[out++] = block[at] * scales[feature];
      }
      yield bytes(piece);
    }
  }

  /** 1 / length of each encoder row. */
  scales() {
    const { d, width, block } = this;
    const scales = new Float64Array(width);
    for (let feature = 0, at = this.begin; feature < width; feature++) {
      let square = 0;
      for (let i = 0; i < d; i++, at = at + 1 === BLOCK ? 0 : at + 1) square += block[at] * block[at];
      scales[feature] = 1 / Math.sqrt(square);
    }
    return scales;
  }

  /** Resolves to the file's size. */
  write(/** @type {string} */ path) {
    const { d, width } = this;
    return writeTorchFile(path, [
      { name: 'W_enc', shape: [width, d], chunks: () => this.encoder() },
      { name: 'W_dec', shape: [d, width], chunks: () => this.decoder() },
      { name: 'b_enc', shape: [width], chunks: () => [bytes(this.encoderBias)] },
      { name: 'b_dec', shape: [d], chunks: () => [bytes(this.decoderBias)] },
    ]);
  }
}
