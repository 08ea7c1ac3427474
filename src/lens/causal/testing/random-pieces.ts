import type { Piece } from '../predicates/continuation';

const pick = <T>(random: () => number, of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));

/** Characters that join, fold, count or end something, by kind: a text keeps to a few kinds, so that rules fire. */
const KINDS: readonly (readonly string[])[] = [
  [...'abcxyz ABC'],
  [...'0123456789,.-−+= '],
  [...'[]{}":, \n1at'],
  [...'春眠不觉晓处处闻啼鸟夜来风雨声'],
  ['春眠不觉晓，', '处处闻啼鸟。', '夜来风雨声，', '花落知多少。', '\n', '，'],
  range(0x300, 0x345),
  [...range(0x1100, 0x1112), ...range(0x1161, 0x1175), ...range(0x11a8, 0x11c2)],
  [
    ...'ﾊﾞﾟｶﾞﾡￂ',
    '\u3131',
    '\u3163',
    '\u{16d67}',
    '\u{16d63}',
    '\u{1611e}',
    '\u{1611f}',
    '\u09c7',
    '\u09be',
    '\u0dd9',
    '\u0dcf',
  ],
  [...'ΑΣσςİıǅﬁﬀſẞK①²½…'],
  [
    '\ufffd',
    '\ufeff',
    '\u{1f600}',
    '\u{2f81a}',
    '\u{1d15e}',
    '\u0344',
    '\u212b',
    '\uf900',
    '\u2028',
    '\u0085',
    '\x1c',
    '\0',
  ],
];

/** Generated tokens at random, which cut characters anywhere and hold bytes that are no text. */
export function randomPieces(random: () => number): Piece[] {
  const kinds = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, KINDS));
  const bytes: number[] = [];
  for (let left = Math.floor(random() * 24); left > 0; left--) {
    const what = random();
    if (what < 0.02) bytes.push(Math.floor(random() * 256));
    else {
      let point = Math.floor(random() * 0x110000);
      if (point >= 0xd800 && point < 0xe000) point -= 0x800;
      bytes.push(
        ...new TextEncoder().encode(what < 0.05 ? String.fromCodePoint(point) : pick(random, pick(random, kinds))),
      );
    }
  }
  const pieces: Piece[] = [];
  const longest = pick(random, [1, 3, 6]);
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(random() * longest);
    const piece = Uint8Array.from(bytes.slice(at, at + length));
    pieces.push({ id: piece.reduce((sum, byte) => (sum * 31 + byte) % 997, 0), bytes: piece, special: false });
    at += length;
    if (random() < 0.03) pieces.push({ id: 1000, bytes: new TextEncoder().encode('<|end|>'), special: true });
  }
  return pieces;
}
