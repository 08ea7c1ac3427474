import type { BrowserContext, Page } from '@playwright/test';

/**
 * Every test has a page of its own, loaded anew with empty storage; the engine behind it is opened once and handed from
 * page to page. Opening it is most of the time that a short test would take: WebAssembly is compiled, a model read, its
 * first run slow.
 *
 * How: pages are opened by a bare page of the same origin, the keeper. Where a page starts a worker, `new Worker` gives
 * it a stand-in that waits for the first message, `open` and its arguments. The real worker is started in the keeper,
 * so that it outlives the page; the next page that opens the same is answered with what that worker answered. Between
 * two pages the calls under way are cancelled and awaited, and traces freed. A worker whose opening failed, that has
 * opened other dictionaries since or that reported a fault is not handed on.
 */

interface Message {
  id: number;
  call: string;
  args?: unknown;
}

type Answer = { id: number; result?: { id?: number }; error?: unknown; event?: unknown } | { lost: unknown };

/** A worker in the keeper, as pages see it. */
interface Engine {
  /** Takes the engine for a page, once it has nothing left to do for the one before. Null: it cannot be handed on. */
  take(user: User): Promise<{ info: unknown }> | null;
  send(message: Message): void;
  /** The page that has this user is gone, or has no more use for the engine; without one, whoever has it. */
  release(of?: User): void;
}

/** What a page gets from an engine. */
interface User {
  tell(answer: Answer): void;
  fail(event: ErrorEvent): void;
}

interface KeeperWindow extends Window {
  engines: Map<string, Engine>;
  /** Workers that were started. */
  started: number;
  /** Starts a worker and sends it its first message, `open`. */
  startEngine(url: string | URL, options: WorkerOptions | undefined, open: Message, user: User): Engine;
}

/** Runs in the keeper: what answers while one page has gone and the next is not there yet must not live in either. */
function keepEngines(): void {
  const keeper = window as unknown as KeeperWindow;
  keeper.engines = new Map();
  keeper.started = 0;
  keeper.startEngine = (url, options, open, first) => {
    const worker = new Worker(url, options);
    keeper.started++;
    let user: User | null = first;
    let info: unknown;
    let usable = true;
    // Numbers of calls are of one page; the worker has its own.
    let nextId = 1;
    const outer = new Map<number, number>();
    const inner = new Map<number, number>();
    const pending = new Map<number, string>();
    const traces = new Set<number>();
    let idle = () => {};

    const post = (call: string, args: unknown, of?: number) => {
      const id = nextId++;
      pending.set(id, call);
      if (of !== undefined) {
        outer.set(id, of);
        inner.set(of, id);
      }
      worker.postMessage({ id, call, args });
    };
    worker.onerror = (event) => {
      usable = false;
      user?.fail(event);
    };
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ('lost' in data) {
        usable = false;
        user?.tell(data);
        return;
      }
      const call = pending.get(data.id);
      if ('result' in data) {
        if (call === 'open') info = structuredClone(data.result);
        if (call === 'trace') {
          // One that ends after its page is nobody's.
          if (outer.has(data.id)) traces.add(data.result!.id!);
          else post('dispose', { trace: data.result!.id! });
        }
      }
      if (call === 'open' && 'error' in data) usable = false;
      const id = outer.get(data.id);
      if (id !== undefined) user?.tell({ ...data, id });
      if ('event' in data) return;
      pending.delete(data.id);
      if (pending.size === 0) idle();
    };
    post('open', open.args, open.id);
    return {
      take(next) {
        if (!usable || user || info === undefined) return null;
        user = next;
        return new Promise((resolve) => {
          idle = () => resolve({ info });
          if (pending.size === 0) idle();
        });
      },
      send(message) {
        if (message.call === 'cancel' || message.call === 'next') {
          const id = inner.get(message.id);
          if (id !== undefined) worker.postMessage({ ...message, id });
          return;
        }
        // Other dictionaries: not what the next page asks for.
        if (message.call === 'openSites') usable = false;
        post(message.call, message.args, message.id);
      },
      release(of) {
        if (of && of !== user) return;
        user = null;
        outer.clear();
        inner.clear();
        if (!usable || info === undefined) {
          usable = false;
          worker.terminate();
          return;
        }
        for (const id of pending.keys()) worker.postMessage({ id, call: 'cancel' });
        for (const trace of traces) post('dispose', { trace });
        traces.clear();
      },
    };
  };
}

/** Runs in every page before its own scripts. */
function standIn(): void {
  let keeper: KeeperWindow;
  try {
    keeper = window.opener as KeeperWindow;
    if (!keeper?.engines) return;
  } catch {
    return; // a page of another origin
  }

  class StandIn extends EventTarget {
    onmessage: ((event: MessageEvent) => void) | null = null;
    onerror: ((event: ErrorEvent) => void) | null = null;
    private engine: Engine | null = null;
    private ended = false;
    private readonly user: User = { tell: (answer) => this.tell(answer), fail: (event) => this.onerror?.(event) };

    constructor(
      private readonly url: string | URL,
      private readonly options?: WorkerOptions,
    ) {
      super();
      addEventListener('pagehide', () => this.terminate());
    }

    postMessage(message: Message): void {
      if (this.ended) return;
      if (this.engine) this.engine.send(message);
      else if (message.call === 'open') this.open(message);
      else throw new Error(`The first call of an engine was ${message.call}.`);
    }

    terminate(): void {
      if (!this.ended) this.engine?.release(this.user);
      this.ended = true;
    }

    private open(message: Message): void {
      const key = JSON.stringify(message.args);
      if (key.includes('"picked"'))
        throw new Error(
          'Files have no name that another page could ask for: a test that picks a folder has an engine of its own.',
        );
      const kept = keeper.engines.get(key);
      const taken = kept?.take(this.user);
      if (kept && taken) {
        this.engine = kept;
        void taken.then(({ info }) => this.tell({ id: message.id, result: info as object }));
        return;
      }
      this.engine = keeper.startEngine(this.url, this.options, message, this.user);
      keeper.engines.set(key, this.engine);
    }

    /** Copied by this page, so that its arrays are this page's. */
    private tell(data: Answer): void {
      this.onmessage?.(new MessageEvent('message', { data: structuredClone(data) }));
    }
  }
  window.Worker = StandIn as unknown as typeof Worker;
}

/** The keeper and the context in which pages share its engines. */
export class Keeper {
  private constructor(
    readonly context: BrowserContext,
    private readonly page: Page,
    private readonly origin: string,
  ) {}

  static async open(context: BrowserContext, origin: string): Promise<Keeper> {
    await context.addInitScript(standIn);
    const page = await context.newPage();
    // Any small file of the origin: a page with nothing on it.
    await page.goto(new URL('models/lenslet-mini/config.json', origin).href);
    await page.evaluate(keepEngines);
    return new Keeper(context, page, origin);
  }

  /** An empty page whose engine is shared, in a browser with empty storage. What stays is the HTTP cache, and what the
   *  engine has loaded since it was opened. */
  async newPage(): Promise<Page> {
    const session = await this.context.newCDPSession(this.page);
    await session.send('Storage.clearDataForOrigin', { origin: new URL(this.origin).origin, storageTypes: 'all' });
    await session.detach();
    await this.context.clearPermissions();
    const opened = this.context.waitForEvent('page');
    await this.page.evaluate(() => void window.open('about:blank'));
    return opened;
  }

  /** Closes the pages of a test, and those that it opened. */
  async closePages(): Promise<void> {
    for (const page of this.context.pages()) if (page !== this.page) await page.close();
    // A page that is closed may not have had the time to say so.
    await this.page.evaluate(() =>
      (window as unknown as KeeperWindow).engines.forEach((engine) => {
        engine.release();
      }),
    );
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
