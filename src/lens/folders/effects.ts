import type { Effect, Rate } from '../api/effect';
import { CorruptFileError } from '../api/errors';
import { JsonObject, parseJson } from '../formats/json';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';

const FILE = 'effects.json';
const FORMAT = 'lenslet-effects-1';
const MOST_EFFECTS = 100;
const MOST_POSITIONS = 16;

/** The measured effects that a model folder names; none without the file. Throws CorruptFileError where the file is
 *  none of this format. */
export async function openEffects(folder: Source, options: ReadOptions = {}): Promise<Effect[]> {
  const bytes = await folder.tryRead(FILE, options);
  return bytes ? parseEffects(parseJson(bytes, FILE)) : [];
}

export function parseEffects(json: unknown, file = FILE): Effect[] {
  const root = new JsonObject(json, file);
  if (root.get('format') !== FORMAT) root.refuse('format', `must be ${FORMAT}`);
  const names = new Set<string>();
  return root.list('effects', MOST_EFFECTS).map((value, i) => {
    const effect = parseEffect(new JsonObject(value, `${file}: effect ${i}`));
    if (names.has(effect.name)) throw new CorruptFileError(`${file} names ${effect.name} twice.`, { file });
    names.add(effect.name);
    return effect;
  });
}

function parseEffect(effect: JsonObject): Effect {
  const rates = part(effect, 'rates');
  const rate = (key: string) => parseRate(part(rates, key));
  return {
    name: effect.text('name', 100),
    title: effect.text('title', 100),
    shipped: effect.boolean('shipped', false),
    prompt: effect.text('prompt', 8000),
    chat: effect.boolean('chat', false),
    edit: parseEdit(part(effect, 'edit')),
    maxTokens: effect.integer('maxTokens', 1, 1024),
    rates: {
      baseline: rate('baseline'),
      edited: rate('edited'),
      randomDirections: rate('randomDirections'),
      randomFeatures: rate('randomFeatures'),
    },
    claim: effect.text('claim', 2000),
  };
}

function parseEdit(edit: JsonObject): Effect['edit'] {
  const on = edit.get('on') === undefined ? 'code' : edit.oneOf('on', ['code', 'preactivation']);
  return {
    layer: edit.integer('layer', 0, 999),
    feature: edit.integer('feature', 0, 9_999_999),
    mode: edit.oneOf('mode', ['add', 'scale', 'clamp', 'ablate']),
    strength: edit.number('strength', -1e6, 1e6),
    on,
    where: parseWhere(edit),
  };
}

function parseWhere(edit: JsonObject): NonNullable<Effect['edit']['where']> {
  if (edit.get('where') === undefined) return 'all';
  if (!Array.isArray(edit.get('where'))) return edit.oneOf('where', ['all', 'prompt', 'generated'] as const);
  const positions = edit.list('where', MOST_POSITIONS);
  const whole = (position: unknown): position is number =>
    Number.isInteger(position) && (position as number) >= 0 && (position as number) <= 1e6;
  if (!positions.every(whole)) edit.refuse('where', 'must list positions');
  return positions as number[];
}

function parseRate(rate: JsonObject): Rate {
  const low = rate.number('low', 0, 1);
  return { rate: rate.number('rate', 0, 1), low, high: rate.number('high', low, 1), n: rate.integer('n', 1, 1e9) };
}

function part(from: JsonObject, key: string): JsonObject {
  return from.object(key) ?? from.refuse(key, 'must be an object');
}
