import type { AskedFile } from './asked';
import { MORE_KEPT, type PageAsks, type WorkerSays } from './messages';
import { offline } from './state';

/** The used part of a worker, and of `navigator.serviceWorker`; tests bring their own. */
export interface RestWorker {
  postMessage(message: PageAsks, transfer: MessagePort[]): void;
}
interface Told {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

/** Milliseconds after which a worker that has not answered is one of an earlier build, which cannot. */
const PATIENCE = 5000;

/** Milliseconds without a word after which the worker counts as ended: a browser may end it at work. */
const SILENCE = 60_000;

let stop: (() => void) | null = null;

/** Keeps `left` true: asks now, and when the worker says that more is kept. */
export function followRest(worker: RestWorker, told: Told, patience = PATIENCE): Promise<void> {
  const ask = async () => {
    const files = await listOf(worker, patience);
    if (files) offline.setState({ left: bytesOf(files.filter(({ kept }) => !kept)) });
  };
  told.addEventListener('message', ({ data }) => {
    if (data === MORE_KEPT) void ask();
  });
  return ask();
}

const bytesOf = (files: readonly AskedFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

function listOf(worker: RestWorker, patience: number): Promise<readonly AskedFile[] | null> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const end = (files: readonly AskedFile[] | null) => {
      clearTimeout(timer);
      port1.close();
      resolve(files);
    };
    const timer = setTimeout(() => end(null), patience);
    port1.onmessage = ({ data }: MessageEvent<WorkerSays>) => 'files' in data && end(data.files);
    worker.postMessage({ about: 'list' }, [port2]);
  });
}

/** Has the worker store what is left, file by file. Never rejects: `offline` says how it goes. */
export async function storeRest(worker: RestWorker, patience = PATIENCE, silence = SILENCE): Promise<void> {
  if (offline.getState().storing) return;
  let stopped = false;
  stop = () => {
    stopped = true;
  };
  offline.setState({ storing: { loaded: 0, total: offline.getState().left ?? 0 }, failed: false });
  const files = (await listOf(worker, patience))?.filter(({ kept }) => !kept);
  const total = bytesOf(files ?? []);
  let before = 0;
  if (!files) offline.setState({ failed: !stopped });
  for (const { address, bytes } of files ?? []) {
    if (stopped) break;
    offline.setState({ storing: { loaded: before, total } });
    const stored = storeOne(worker, address, silence, (loaded) => {
      offline.setState({ storing: { loaded: before + loaded, total } });
    });
    stop = () => {
      stopped = true;
      stored.stop();
    };
    const kept = await stored.done;
    if (stopped || !kept) {
      offline.setState({ failed: !stopped });
      break;
    }
    before += bytes;
    offline.setState({ left: total - before });
  }
  stop = null;
  offline.setState({ storing: null });
}

/** Stops the storing; files that are whole stay. */
export const stopStoring = (): void => stop?.();

function storeOne(worker: RestWorker, address: string, silence: number, onBytes: (loaded: number) => void) {
  const { port1, port2 } = new MessageChannel();
  let resolve: (kept: boolean) => void = () => {};
  const done = new Promise<boolean>((set) => {
    resolve = set;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (kept: boolean) => {
    clearTimeout(timer);
    port1.close();
    resolve(kept);
  };
  const stop = () => {
    port1.postMessage('stop');
    end(false);
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(stop, silence);
  };
  port1.onmessage = ({ data }: MessageEvent<WorkerSays>) => {
    if ('kept' in data) end(data.kept);
    else {
      wait();
      if ('loaded' in data) onBytes(data.loaded);
    }
  };
  wait();
  worker.postMessage({ about: 'store', address }, [port2]);
  return { done, stop };
}
