import type { GateTable } from '../dictionary/edits';
import type { Site } from '../dictionary/site';
import { type Codes, type Rows, slice } from '../kernels/compute';
import { beginsTurn, type TokenFacts } from '../maths/where';
import type { Scope } from './scope';

/** Gates over one text, evaluated site by site as its codes come. */
export class TextGates {
  /** [1 + T, gates], u32: a row of zeros from before the first token, then one a token. */
  readonly flags: Rows;
  private readonly begins: boolean[];

  constructor(
    private readonly scope: Scope,
    private readonly gates: GateTable,
    tokens: readonly TokenFacts[],
  ) {
    this.flags = scope.rows(1 + tokens.length, gates.size);
    this.begins = tokens.map((token, t) => beginsTurn(token, tokens[t - 1]));
  }

  /** The gates that read a site, at `count` tokens from token `start` on. `h` and `codes`: the whole text's, before
   *  the site's edits. */
  at({ layer, dictionary }: Site, { h, codes }: { h: Rows; codes: Codes }, start: number, count: number): void {
    const gates = this.gates.at(layer);
    if (gates.length === 0) return;
    this.scope.compute.gate(dictionary, {
      gates,
      sequences: 1,
      begins: this.begins.slice(start, start + count),
      h: slice(h, start),
      codes: slice(codes, start),
      flags: slice(this.flags, 1 + start),
      before: start,
    });
  }
}

/** Where a gate is open, [T], from flags as they were read. */
export function openAt(flags: Uint32Array, { size }: GateTable, column: number): Uint8Array {
  return Uint8Array.from({ length: flags.length / size - 1 }, (_, t) => flags[(1 + t) * size + column]!);
}
