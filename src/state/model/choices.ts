import type { ErrorData } from '../../lens/api/errors';
import { identityOf } from '../../lens/api/identity';
import type { OpenRequest } from '../../lens/api/request';
import type { DictionaryChoice } from '../../lens/api/site';

/** What an opening waits for, where the reader alone can say it. */
export type Wanted =
  /** Which of several dictionaries; `layer` is the one that was to be opened, `left` says what is none of them and why,
   *  `says` why it is asked beside a table that names them; null: the error's message does. */
  | {
      kind: 'dictionary';
      layer: number;
      choices: readonly DictionaryChoice[];
      left: readonly string[];
      says: string | null;
    }
  /** How many features of a token are active, from 1 to `most`. */
  | { kind: 'k'; most: number };

/** What would mend an error; null if no word of the reader's does. */
export function wantedBy({ name, fields }: Pick<ErrorData, 'name' | 'fields'>): Wanted | null {
  const { layer, choices, left, says, width } = fields;
  if (name === 'AmbiguousDictionaryError' && typeof layer === 'number' && Array.isArray(choices))
    return {
      ...{ kind: 'dictionary', layer, choices: choices as DictionaryChoice[], left: (left ?? []) as string[] },
      says: typeof says === 'string' ? says : null,
    };
  if (name === 'UnknownKError' && typeof width === 'number') return { kind: 'k', most: width };
  return null;
}

/** The request with one of several dictionaries. The k that was given for another folder is none of this one's. */
export function withDictionary(request: OpenRequest, { layer, about: { folder } }: DictionaryChoice): OpenRequest {
  const next = { ...request, sites: [layer], folders: [folder] };
  return { ...next, k: request.folders?.[0] === folder ? request.k : knownK(next) };
}

/** Whether a request is an earlier one with some of the dictionaries that this one asked for. */
export function isChoiceOf(earlier: OpenRequest, { folders, ...request }: OpenRequest): boolean {
  const among = (folder: string) =>
    earlier.folders?.some((asked) => folder === asked || (asked !== '' && folder.startsWith(`${asked}/`))) ?? true;
  return identityOf({ ...earlier, folders: undefined }) === identityOf(request) && (folders ?? []).every(among);
}

const SEEN = 'lenslet-choices';

/** Remembers, in this tab, what there is to choose from: once one is chosen, its source is not listed any more. */
export function noteChoices(request: OpenRequest, choices: readonly DictionaryChoice[]): void {
  try {
    sessionStorage.setItem(SEEN, JSON.stringify({ of: sourceOf({ ...request, folders: undefined }), choices }));
  } catch {
    // Storage is closed or full: the choice is made anew by opening the source again.
  }
}

/** The dictionaries beside those of a request, if a choice between them was asked for before. */
export function seenChoices(request: OpenRequest): readonly DictionaryChoice[] {
  try {
    const { of, choices } = JSON.parse(sessionStorage.getItem(SEEN) ?? '{}') as Record<string, unknown>;
    return of === sourceOf({ ...request, folders: undefined }) && Array.isArray(choices) ? choices : [];
  } catch {
    return [];
  }
}

const KEY = 'lenslet-k';
/** Sources whose k is remembered. */
const MOST = 50;

/** Remembers the k that the reader gave for the dictionaries of a request: their files do not state it. */
export function rememberK(request: OpenRequest): void {
  if (request.k === undefined) return;
  const source = sourceOf(request);
  const others = [...remembered()].filter(([of]) => of !== source).slice(1 - MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify([...others, [source, request.k]]));
  } catch {
    // Storage is closed: it is asked for again.
  }
}

/** The k that was given before for the dictionaries of a request; undefined: none. */
export const knownK = (request: OpenRequest): number | undefined => remembered().get(sourceOf(request));

const sourceOf = ({ model, dictionary, folders }: OpenRequest): string =>
  identityOf({ model: dictionary ?? model, folders });

function remembered(): Map<string, number> {
  try {
    const said: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    const pairs = (Array.isArray(said) ? said : []) as unknown[];
    return new Map(pairs.filter(isPair));
  } catch {
    return new Map();
  }
}

const isPair = (pair: unknown): pair is [string, number] =>
  Array.isArray(pair) && typeof pair[0] === 'string' && Number.isInteger(pair[1]) && pair[1] > 0;
