import { parseDocument } from 'yaml';
import { CorruptFileError, UnsupportedModelError } from '../api/errors';
import { JsonObject } from '../formats/json';

/** Half of a Natural Language Autoencoder: the activation verbalizer, or the activation reconstructor. */
export type NlaRole = 'av' | 'ar';

/** The contents of a folder's `nla_meta.yaml`. */
export interface NlaMeta {
  role: NlaRole;
  d: number;
  /** The site that it reads or writes; K means the output of block K. */
  layer: number;
  /** The vector is scaled to this norm before it is injected; null: it is injected unscaled. */
  scale: number | null;
  /** The prompt token whose embedding the vector replaces, and the ids of its neighbours. Only an AV has one. */
  marker: { text: string; id: number; left: number; right: number } | null;
  /** Ids at the end of every prompt of the AR; null if the file does not state them. */
  suffix: number[] | null;
  /** A Python format string: of the user's message for an AV, of the whole text for an AR. */
  template: string;
}

export const META = 'nla_meta.yaml';
/** Far more than a prompt and some numbers need; the YAML parser takes nearly a second for twice as many closing
 *  brackets. */
const MOST_BYTES = 1 << 15;
/** Roles, and their names in older files. */
const OLDER: Record<string, NlaRole> = { av: 'av', ar: 'ar', actor: 'av', critic: 'ar' };

/** Reads `nla_meta.yaml` of the released pairs, with today's or the older names. Throws CorruptFileError that names the
 *  fault. `verbalizer/prompt.ts` checks whether it fits a tokenizer and a model. */
export function parseNlaMeta(bytes: Uint8Array, file: string): NlaMeta {
  const root = new JsonObject(parseYaml(bytes, file), file);
  if (root.get('kind') !== 'nla_model') root.refuse('kind', 'must be nla_model');
  const role = OLDER[root.oneOf('role', ['av', 'ar', 'actor', 'critic'] as const)]!;
  const d = root.integer('d_model', 1, 1 << 16);
  const extraction = root.object('extraction') ?? root.refuse('extraction', 'must say which layer it is of');
  return {
    role,
    d,
    layer: extraction.integer('layer_index', 0, 511),
    scale: role === 'av' ? scaleOf(extraction, d) : null,
    marker: role === 'av' ? markerOf(root) : null,
    suffix: role === 'ar' ? suffixOf(root) : null,
    template: templateOf(root, role),
  };
}

/** Parses one YAML document as plain data. Refuses aliases, which can grow without bound, and custom tags. */
function parseYaml(bytes: Uint8Array, file: string): unknown {
  if (bytes.length > MOST_BYTES)
    throw new CorruptFileError(`${file} has ${bytes.length} bytes; at most ${MOST_BYTES} are read.`, { file });
  try {
    const document = parseDocument(new TextDecoder('utf-8', { fatal: true }).decode(bytes), {
      logLevel: 'error',
      prettyErrors: false,
    });
    const [error] = [...document.errors, ...document.warnings];
    if (error) throw error;
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (error) {
    throw new CorruptFileError(
      `${file} is not YAML in UTF-8 (${error instanceof Error ? error.message : String(error)}). Download it again.`,
      { file },
    );
  }
}

/** As the pairs' own code takes it (https://github.com/kitft/natural_language_autoencoders, nla/schema.py): a number, also
 *  as a text; `sqrt_d_model`, which a missing key means too; null, `raw` and `none` leave vectors as they are. */
function scaleOf(extraction: JsonObject, d: number): number | null {
  const key = 'injection_scale';
  const value = extraction.get(key);
  if (value === undefined) return extraction.entries().some(([name]) => name === key) ? null : Math.sqrt(d);
  if (value === 'raw' || value === 'none') return null;
  if (value === 'sqrt_d_model') return Math.sqrt(d);
  const scale = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof scale === 'number' && scale > 0 && scale <= 1e9) return scale;
  return extraction.refuse(key, 'must be a number above 0, sqrt_d_model, raw or none');
}

function markerOf(root: JsonObject): NlaMeta['marker'] {
  const tokens = root.object('tokens') ?? root.refuse('tokens', 'must say which token the vector is injected at');
  const id = (key: string) => tokens.integer(key, 0, 1 << 24);
  return {
    text: tokens.text('injection_char', 64),
    id: id('injection_token_id'),
    left: id('injection_left_neighbor_id'),
    right: id('injection_right_neighbor_id'),
  };
}

function suffixOf(root: JsonObject): number[] | null {
  const tokens = root.object('tokens');
  if (tokens?.get('critic_suffix_ids') === undefined) return null;
  const ids = tokens.list('critic_suffix_ids', 64);
  if (!ids.every((id) => Number.isInteger(id) && (id as number) >= 0))
    tokens.refuse('critic_suffix_ids', 'must list token ids');
  return ids as number[];
}

function templateOf(root: JsonObject, role: NlaRole): string {
  const templates = root.object('prompt_templates') ?? root.refuse('prompt_templates', 'must hold the prompt');
  const key = [role, role === 'av' ? 'actor' : 'critic'].find((name) => templates.get(name) !== undefined) ?? role;
  const template = templates.text(key, 20_000);
  const field = role === 'av' ? 'injection_char' : 'explanation';
  if (fieldsOf(template, root.file).join() !== field)
    templates.refuse(key, `must hold {${field}} once and no other field`);
  return template;
}

/** Fills the fields of a Python format string; `{{` and `}}` become braces. */
export function fillTemplate(template: string, values: Record<string, string>): string {
  return template.replace(FIELD, (whole, name: string | undefined) =>
    name === undefined ? whole[0]! : (values[name] ?? whole),
  );
}

const FIELD = /\{\{|\}\}|\{(\w+)\}/g;

function fieldsOf(template: string, file: string): string[] {
  const rest = template.replace(FIELD, '');
  if (/[{}]/.test(rest))
    throw new UnsupportedModelError(
      `${file}: the prompt has a brace that is neither doubled nor part of a field's name.`,
      { file },
    );
  return Array.from(template.matchAll(FIELD), ([, name]) => name).filter((name): name is string => name !== undefined);
}
