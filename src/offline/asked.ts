import type { PrecachedFile } from './precache';
import { partOf } from './range';

/** Large files of the build that few readers ask for: not fetched at installation, but kept once a page has asked for
 *  one whole. What was not asked for while there was a network is not there without one.
 *
 *  The page gets the server's answer as it comes, so that it can count the bytes; the copy is stored only if it is what
 *  was built, byte for byte. */
export class Asked {
  private readonly files: ReadonlyMap<string, PrecachedFile>;

  constructor(
    kept: readonly PrecachedFile[],
    scope: string,
    private readonly name: string,
    private readonly stores: Pick<CacheStorage, 'open'>,
    private readonly load: (request: Request) => Promise<Response> = (request) => fetch(request),
  ) {
    this.files = new Map(kept.filter(({ asked }) => asked).map((file) => [new URL(file.url, scope).href, file]));
  }

  has(address: string): boolean {
    return this.files.has(address);
  }

  /** `during` is given what still has to be done behind the answer. */
  async answer(request: Request, address: string, during: (done: Promise<unknown>) => void): Promise<Response> {
    const file = this.files.get(address)!;
    const range = request.headers.get('range');
    const kept = await this.open()
      .then((cache) => cache?.match(keyOf(address, file)))
      .catch(() => undefined);
    if (kept) return range ? partOf(kept, range) : kept;
    const answer = await this.load(request);
    if (!range && answer.status === 200) during(this.keep(answer.clone(), address, file));
    return answer;
  }

  /** Drops what an earlier build kept and this one has no more, or otherwise. */
  async clean(): Promise<void> {
    const cache = await this.open();
    const wanted = new Set([...this.files].map(([address, file]) => keyOf(address, file)));
    for (const request of (await cache?.keys()) ?? []) if (!wanted.has(request.url)) await cache!.delete(request);
  }

  /** Storage may be full or closed: then nothing is kept, and the page is none the worse. */
  private async keep(copy: Response, address: string, file: PrecachedFile): Promise<void> {
    const { headers } = copy;
    const bytes = await copy.arrayBuffer().catch(() => null);
    if (!bytes) return;
    const digest = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))));
    if (`sha256-${digest}` !== file.integrity) return;
    const cache = await this.open();
    await cache?.put(keyOf(address, file), new Response(bytes, { headers })).catch(() => {});
  }

  private open(): Promise<Cache | null> {
    return this.stores.open(this.name).catch(() => null);
  }
}

/** Another revision is another key, as with the files that are kept at once. */
function keyOf(address: string, { revision, integrity }: PrecachedFile): string {
  return `${address}?kept=${encodeURIComponent(revision ?? integrity)}`;
}
