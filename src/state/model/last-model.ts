import type { OpenRequest } from '../../lens/api/request';
import { fromQuery, requestName, toQuery } from './model-url';

const KEY = 'lenslet-last';
/** Of this tab: what is open in it and no address can name, for a reload. */
const HERE = 'lenslet-here';

/** Remembers what was opened last, for a page that is asked for nothing. A model that no address can name is remembered
 *  by its name, under which the browser's store has it. */
export function rememberModel(request: OpenRequest, page: string): void {
  const { model, dictionary } = request;
  const query = toQuery(request, page);
  const name = requestName(request);
  const unnamed = model.kind === 'kept' ? { kept: model.key, name } : { picked: name };
  const nameless = query === null && !dictionary ? JSON.stringify(unnamed) : null;
  write('sessionStorage', HERE, nameless);
  if (model.kind !== 'url') write('localStorage', KEY, query === null ? nameless : JSON.stringify({ query }));
}

/** A bare page opens the model beside it again. */
export const forgetModel = (): void => write('localStorage', KEY, null);

/** The model that was opened last, a picked folder without its files. Null if it was the model beside the page, or if
 *  nobody can say. */
export const lastModel = (page: string): OpenRequest | null => read('localStorage', KEY, page);

/** The model that was open in this tab before a reload, if the address could not name it. */
export const modelHere = (page: string): OpenRequest | null => read('sessionStorage', HERE, page);

type Where = 'localStorage' | 'sessionStorage';

function read(where: Where, at: string, page: string): OpenRequest | null {
  try {
    const said: unknown = JSON.parse(globalThis[where].getItem(at) ?? 'null');
    if (typeof said !== 'object' || said === null) return null;
    const { query, picked, kept, name } = said as Record<string, unknown>;
    if (typeof query === 'string') return fromQuery(new URLSearchParams(query), page);
    if (typeof kept === 'string' && typeof name === 'string') return { model: { kind: 'kept', key: kept, name } };
    return typeof picked === 'string' ? { model: { kind: 'picked', folder: { name: picked, files: [] } } } : null;
  } catch {
    return null;
  }
}

function write(where: Where, at: string, value: string | null): void {
  try {
    if (value === null) globalThis[where].removeItem(at);
    else globalThis[where].setItem(at, value);
  } catch {
    // Storage is closed: the next page begins with the model beside it.
  }
}
