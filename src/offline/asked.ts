import type { PrecachedFile } from './precache';
import { partOf } from './range';

/** A large file of the build, and whether it is there without a network. */
export interface AskedFile {
  address: string;
  bytes: number;
  kept: boolean;
}

/** Large files of the build that few readers need. They are not fetched at installation, but kept once a page has asked
 *  for one whole. Without a network, only those are there.
 *
 *  The page gets the server's answer as it arrives, so that it can count the bytes. The copy is stored only if it
 *  equals the built file, byte for byte. */
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

  /** `during` receives the work that goes on after the answer. */
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

  /** The files in their order, with what is kept of them. */
  async list(): Promise<AskedFile[]> {
    const cache = await this.open();
    return Promise.all(
      [...this.files].map(async ([address, file]) => ({
        address,
        bytes: file.bytes ?? 0,
        kept: (await cache?.match(keyOf(address, file)).catch(() => undefined)) !== undefined,
      })),
    );
  }

  /** Fetches a file and keeps it; `onBytes` is told how many have come. False if it cannot be kept: it differs from the
   *  built one, or storage is full or closed. Rejects if it cannot be fetched, or `signal` stops it. */
  async store(address: string, signal: AbortSignal, onBytes: (loaded: number) => void): Promise<boolean> {
    const file = this.files.get(address);
    if (!file) return false;
    const answer = await this.load(new Request(address, { signal }));
    if (answer.status !== 200 || !answer.body) return false;
    let loaded = 0;
    const counted = answer.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (piece, controller) => {
          loaded += piece.length;
          onBytes(loaded);
          controller.enqueue(piece);
        },
      }),
      { signal },
    );
    const bytes = await new Response(counted).arrayBuffer();
    signal.throwIfAborted();
    return this.put(bytes, answer.headers, address, file);
  }

  /** Drops files of an earlier build that this build lacks or has changed. */
  async clean(): Promise<void> {
    const cache = await this.open();
    const wanted = new Set([...this.files].map(([address, file]) => keyOf(address, file)));
    for (const request of (await cache?.keys()) ?? []) if (!wanted.has(request.url)) await cache!.delete(request);
  }

  /** If storage is full or closed, nothing is kept, and the page works as before. */
  private async keep(copy: Response, address: string, file: PrecachedFile): Promise<void> {
    const bytes = await copy.arrayBuffer().catch(() => null);
    if (bytes) await this.put(bytes, copy.headers, address, file);
  }

  private async put(bytes: ArrayBuffer, headers: Headers, address: string, file: PrecachedFile): Promise<boolean> {
    const digest = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))));
    if (`sha256-${digest}` !== file.integrity) return false;
    const cache = await this.open();
    if (!cache) return false;
    return cache.put(keyOf(address, file), new Response(bytes, { headers })).then(
      () => true,
      () => false,
    );
  }

  private open(): Promise<Cache | null> {
    return this.stores.open(this.name).catch(() => null);
  }
}

/** Each revision has its own key, as with the files kept at installation. */
function keyOf(address: string, { revision, integrity }: PrecachedFile): string {
  return `${address}?kept=${encodeURIComponent(revision ?? integrity)}`;
}
