import type { SourceRequest } from '../api/model';
import type { Manifest } from './manifest';

/** Whether an entry is of what is asked for, as far as names tell. */
export function answers({ key, origin, detail: kept }: Manifest, request: SourceRequest, detail?: string): boolean {
  if ('kept' in request) return key === request.kept;
  if (detail !== undefined && detail !== kept) return false;
  if ('hub' in request) {
    if (origin.kind !== 'hub') return false;
    const { repo, revision = 'main', endpoint = 'https://huggingface.co' } = request.hub;
    return (
      origin.repo === repo &&
      sameAddress(origin.endpoint, endpoint) &&
      (origin.asked === revision || origin.revision === revision.toLowerCase())
    );
  }
  // A picked folder that is at hand may be another of the same name: installing it tells. Of one that is not, the name
  // is all there is.
  if ('picked' in request)
    return origin.kind === 'picked' && origin.name === request.picked.name && request.picked.files.length === 0;
  return origin.kind === 'url' && sameAddress(origin.url, request.url);
}

/** However each was written. */
export function sameAddress(a: string, b: string): boolean {
  return absolute(a) === absolute(b);
}

function absolute(address: string): string {
  const base = globalThis.location?.href;
  const url = URL.canParse(address, base) ? new URL(address, base).href : address;
  return url.replace(/\/+$/, '');
}
