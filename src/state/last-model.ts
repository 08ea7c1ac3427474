import { type ModelRequest, noChoice, queryOf, requestName, requestOf } from './model-url';

const KEY = 'lenslet-last';

/** Remembers what was opened last, for a page that is asked for nothing. What no address can name is remembered by its name: it is in the browser's store. */
export function rememberModel(request: ModelRequest, page: string): void {
  if (request.kind === 'address') return;
  const query = queryOf(request, page);
  const name = request.dictionary === null ? requestName(request) : null;
  write(query !== null ? JSON.stringify({ query }) : name && JSON.stringify({ picked: name }));
}

/** A bare page opens the model beside it again. */
export const forgetModel = (): void => write(null);

/** What was opened last, a picked folder without its files; null where it was the model beside the page, or where nobody can say. */
export function lastModel(page: string): ModelRequest | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const { query, picked } = kept as Record<string, unknown>;
    if (typeof query === 'string') return requestOf(new URLSearchParams(query), page);
    return typeof picked === 'string' ? { ...noChoice, kind: 'picked', folder: { name: picked, files: [] } } : null;
  } catch {
    return null;
  }
}

function write(value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, value);
  } catch {
    // Storage is closed: the next page begins with the model beside it.
  }
}
