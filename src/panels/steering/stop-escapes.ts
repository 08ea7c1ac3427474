const SIGNS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };
const LETTERS = new Map(Object.entries(SIGNS).map(([letter, sign]) => [sign, letter]));

/** A text as it is shown and typed on one line: line ends, tabs, backslashes and what cannot be seen are escaped. */
export const escaped = (text: string): string =>
  text.replace(/\\|[^\P{C}\p{Cn}\p{Co}]|[^\P{Z} ]/gu, (sign) => {
    const letter = LETTERS.get(sign);
    return letter ? `\\${letter}` : `\\u{${sign.codePointAt(0)!.toString(16)}}`;
  });

/** The text that was typed: `\n`, `\r`, `\t`, `\\` and `\u{200b}` are what they name, any other backslash is one. */
export const unescaped = (typed: string): string =>
  typed.replace(/\\(?:([nrt\\])|u\{([0-9a-f]{1,6})\})/gi, (whole, letter?: string, hex?: string) => {
    if (letter !== undefined) return SIGNS[letter] ?? whole;
    const point = Number.parseInt(hex!, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
