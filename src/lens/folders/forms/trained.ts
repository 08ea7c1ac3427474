/** What a dictionary's reader should know of its training. */
export interface Training {
  /** The model's name; null if not stated. */
  model: string | null;
  /** Whether a first token stood before each text; null if not stated. */
  firstToken: boolean | null;
}

/** A family and its version; a number before M or B is a size. */
const FAMILY =
  /(qwen|gemma|llama|mistral|mixtral|pythia|gpt-?2|gpt-?j|phi|olmo|smollm|lenslet)(?:[-_ ]?v?(\d+(?:\.\d+)?)(?![\d.]*[mb]))?/;
/** Sizes of families' first versions, whose names have no number: `gemma-2b` is not `gemma-2-2b`. */
const FIRST: Readonly<Record<string, readonly string[]>> = {
  gemma: ['2b', '7b'],
  llama: ['7b', '13b', '30b', '33b', '65b'],
  olmo: ['1b', '7b'],
  qwen: ['1.8b', '7b', '14b', '72b'],
  smollm: ['135m', '360m', '1.7b'],
};
/** A size stands alone between separators: `1.7B`, `270m`. */
const SIZE = /(?:^|[-_ ])(\d+(?:\.\d+)?)([mb])(?=$|[-_ .])/;

interface Known {
  family: string;
  version: string | null;
  size: string | null;
}

/** Whether two names are surely of different models: another family, version or size. Two names of one model differ in
 *  many ways (owner, `-Base`, a path), so anything that is not known counts as the same. */
export function areOtherModels(one: string, other: string): boolean {
  const [a, b] = [known(one), known(other)];
  if (!a || !b) return false;
  return a.family !== b.family || areOtherVersions(a.version, b.version) || differ(a.size, b.size);
}

const differ = (x: string | null, y: string | null) => x !== null && y !== null && x !== y;

/** `1` stands for all of the first, 1.1 and so on. */
function areOtherVersions(x: string | null, y: string | null): boolean {
  const first = x === '1' || y === '1';
  return first ? differ(x && x.split('.')[0]!, y && y.split('.')[0]!) : differ(x, y);
}

function known(written: string): Known | null {
  const last = written
    .replace(/\/+$/, '')
    .split('/')
    .at(-1)!
    .slice(0, 200)
    .toLowerCase()
    .replace(/(\d)_(?=\d)/g, '$1.');
  const family = FAMILY.exec(last);
  if (!family) return null;
  const found = SIZE.exec(last.slice(family.index + family[0].length)) ?? SIZE.exec(last);
  const size = found && `${Number(found[1])}${found[2]}`;
  const name = family[1]!.replace('-', '');
  return { family: name, version: family[2] ?? (size !== null && FIRST[name]?.includes(size) ? '1' : null), size };
}

/** Sentences about the training; `model` is the name of the open model. */
export function noticesOf({ model: trained, firstToken }: Training, layer: number, model?: string): string[] {
  const notices: string[] = [];
  if (trained !== null && model !== undefined && areOtherModels(trained, model))
    notices.push(
      `The dictionary of layer ${layer} was trained on ${trained.slice(0, 100)}, which is another model than ${model}. What its features find here may mean nothing.`,
    );
  if (firstToken)
    notices.push(
      `The dictionary of layer ${layer} was trained on texts behind a first token (BOS). Without one its codes differ, most near the start.`,
    );
  return notices;
}
