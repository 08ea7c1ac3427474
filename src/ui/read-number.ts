/** A number as somebody types it: with a point or a decimal comma, in groups of three, with a minus sign or a hyphen. */

/** The number, or why the text is none in a sentence; null for an empty text. */
export function readNumber(text: string): number | string | null {
  const typed = text.trim().replace('−', '-');
  if (typed === '') return null;
  if (/^[-+]?[1-9]\d{0,2},\d{3}$/.test(typed))
    return `${typed} can be read in two ways: write ${typed.replace(',', '.')} or ${typed.replace(',', '')}.`;
  const grouped = /^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(typed);
  const plain = grouped ? typed.replaceAll(',', '') : typed.replace(',', '.');
  const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
  if (Number.isNaN(value)) return `${typed} is no number.`;
  return Number.isFinite(Math.fround(value)) ? value : beyondFloat32(typed);
}

export const beyondFloat32 = (typed: string | number): string =>
  `${typed} is beyond float32: nothing is computed with it.`;

/** A number in so many characters, of which 7 hold every float32: all of it, or as many of its figures as fit. */
export function inRoom(value: number, room: number): string {
  const whole = written(value);
  if (whole.length <= room) return whole;
  for (let digits = room; digits > 1; digits--) {
    const rounded = Number(value.toPrecision(digits));
    const text = [written(rounded), short(rounded)].find(({ length }) => length <= room);
    if (text) return text;
  }
  return short(Number(value.toPrecision(1)));
}

const written = (value: number): string => String(value).replace('e+', 'e');
const short = (value: number): string => value.toExponential().replace('e+', 'e');
