import { VerbalizerMismatchError } from '../api/errors';
import type { Tokenizer } from '../engine/tokenizer';
import { fillTemplate, type NlaMeta } from '../folders/nla-meta';

export interface AvPrompt {
  ids: number[];
  /** Index of the marker among them. */
  marker: number;
}

/** The AV's prompt, the same for every vector: the message in the chat template, up to where the answer begins.
 *  Throws VerbalizerMismatchError unless the marker is a single token with the stated id that stands in the prompt
 *  once, between the stated neighbours. */
export function avPrompt(tokenizer: Tokenizer, { marker, template }: NlaMeta): AvPrompt {
  if (!marker) throw mismatch('The AV states no marker', {});
  const { text, id, left, right } = marker;
  const alone = tokenizer.encode(text);
  if (alone.length !== 1 || alone[0] !== id)
    throw mismatch(`The marker ${text} is the token ids ${shown(alone)}, not ${id} alone`, { ids: alone, id });
  const ids = tokenizer.encodeTurn(fillTemplate(template, { injection_char: text }));
  const found = ids.flatMap((token, at) => (token === id ? [at] : []));
  if (found.length !== 1)
    throw mismatch(`The marker ${text} stands in the prompt ${found.length} times, not once`, { found });
  const at = found[0]!;
  if (ids[at - 1] !== left || ids[at + 1] !== right)
    throw mismatch(`Beside the marker stand the ids ${ids[at - 1]} and ${ids[at + 1]}, not ${left} and ${right}`, {
      left,
      right,
    });
  return { ids, marker: at };
}

/** The AR's prompt for an explanation. */
export function arPrompt(tokenizer: Tokenizer, { template }: NlaMeta, explanation: string): number[] {
  return tokenizer.encodeWhole(fillTemplate(template, { explanation }));
}

/** Throws VerbalizerMismatchError unless a filled prompt ends with the stated ids: training read the AR at the last of
 *  them. */
export function assertSuffix(tokenizer: Tokenizer, meta: NlaMeta): void {
  if (!meta.suffix) return;
  const ids = arPrompt(tokenizer, meta, 'It is a sentence.').slice(-meta.suffix.length);
  if (ids.join() !== meta.suffix.join())
    throw mismatch(`The AR's prompt ends with the ids ${shown(ids)}, not ${shown(meta.suffix)}`, {
      ids,
      wanted: meta.suffix,
    });
}

function shown(ids: number[]): string {
  return ids.length > 8 ? `${ids.slice(0, 8).join(', ')}, …` : ids.join(', ');
}

function mismatch(what: string, fields: Record<string, unknown>): VerbalizerMismatchError {
  return new VerbalizerMismatchError(
    `${what}, as nla_meta.yaml says. Tokenizer and nla_meta.yaml are of different pairs: download the folder again.`,
    fields,
  );
}
