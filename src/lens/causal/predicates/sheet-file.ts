import { SheetError } from '../../api/errors';
import { mix, uniform } from '../../maths/random';

/** A row that a person, or any judge, fills in: without arm, prompt or order. */
export interface SheetRow {
  id: string;
  text: string;
}

/** What stays here: which text an id stands for. */
export interface SheetKey {
  question: string;
  rows: { id: string; sha256: string }[];
}

/** A sheet of texts in random order under random ids, each text once, whatever arms wrote it. `hash`: SHA-256 of a text,
 *  in hex. Equal seeds give equal sheets. */
export async function blindSheet(
  question: string,
  texts: Iterable<string>,
  seed: number,
  hash: (text: string) => Promise<string>,
): Promise<{ rows: SheetRow[]; key: SheetKey }> {
  // In an order that the arms did not make.
  const hashed = await Promise.all(Array.from(new Set(texts), async (text) => ({ text, sha256: await hash(text) })));
  hashed.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  for (let i = hashed.length - 1; i > 0; i--) {
    const j = Math.floor(uniform(seed, STREAM, i) * (i + 1));
    [hashed[i], hashed[j]] = [hashed[j]!, hashed[i]!];
  }
  const ids = new Set<string>();
  for (let draw = 0; ids.size < hashed.length; draw++)
    ids.add(
      mix(mix(seed ^ 0x5f356495) ^ Math.imul(draw + 1, 0x9e3779b1))
        .toString(16)
        .padStart(8, '0'),
    );
  const rows = Array.from(ids, (id, i) => ({ id, ...hashed[i]! }));
  return {
    rows: rows.map(({ id, text }) => ({ id, text })),
    key: { question, rows: rows.map(({ id, sha256 }) => ({ id, sha256 })) },
  };
}

const STREAM = 0x20000001;

/** The labels of a sheet that was filled in, by the SHA-256 of each text; a row without a label has none. Throws
 *  SheetError for a row of another sheet, a text that was changed, a second row of an id, and a label that is neither yes
 *  nor no. */
export async function labelsOf(
  key: SheetKey,
  rows: readonly (SheetRow & { label: string })[],
  hash: (text: string) => Promise<string>,
): Promise<Map<string, 0 | 1>> {
  const left = new Map(key.rows.map(({ id, sha256 }) => [id, sha256]));
  const labels = new Map<string, 0 | 1>();
  for (const { id, text, label } of rows) {
    const sha256 = left.get(id);
    const name = id.slice(0, 40);
    if (sha256 === undefined)
      throw new SheetError(
        `The sheet’s row “${name}” is not of these texts, or stands there twice: fill in the sheet that was made for them.`,
        { id },
      );
    if ((await hash(text)) !== sha256)
      throw new SheetError(
        `The text of the sheet’s row “${name}” was changed: fill in the label alone, and leave the text.`,
        { id },
      );
    left.delete(id);
    const said = LABELS.get(label.trim().toLowerCase());
    if (said === undefined)
      throw new SheetError(
        `The label of the sheet’s row “${name}” is “${label.slice(0, 40)}”: write yes or no, 1 or 0, or leave it empty.`,
        { id },
      );
    if (said !== null) labels.set(sha256, said);
  }
  return labels;
}

const LABELS = new Map<string, 0 | 1 | null>([
  ['yes', 1],
  ['1', 1],
  ['no', 0],
  ['0', 0],
  ['', null],
]);
