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
export async function storeRest(worker: RestWorker, patience = PATIENCE): Promise<void> {
  if (offline.getState().storing) return;
  const files = (await listOf(worker, patience))?.filter(({ kept }) => !kept) ?? [];
  const total = bytesOf(files);
  let before = 0;
  let stopped = false;
  offline.setState({ storing: { loaded: 0, total }, failed: false });
  for (const { address, bytes } of files) {
    const stored = storeOne(worker, address, (loaded) => {
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

function storeOne(worker: RestWorker, address: string, onBytes: (loaded: number) => void) {
  const { port1, port2 } = new MessageChannel();
  let end: (kept: boolean) => void = () => {};
  const done = new Promise<boolean>((resolve) => {
    end = (kept) => {
      port1.close();
      resolve(kept);
    };
    port1.onmessage = ({ data }: MessageEvent<WorkerSays>) => {
      if ('loaded' in data) onBytes(data.loaded);
      else if ('kept' in data) end(data.kept);
    };
  });
  worker.postMessage({ about: 'store', address }, [port2]);
  return {
    done,
    stop: () => {
      port1.postMessage('stop');
      end(false);
    },
  };
}
