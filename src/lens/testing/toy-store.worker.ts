import { createHostConverter } from '../kernels/convert-host';
import { installModel } from '../store/install';
import { Store } from '../store/store';
import { toyModel, toySource, watched } from './toy-store';

/** What is read of the toy before its weights are: its configuration, its index and its headers, which
 *  are the whole of so small files. */
const HEADERS = 28_100;

/** Installs the toy model into a store of the given name: another tab, as far as files and locks are concerned, and
 *  with a worker's way of writing. */
self.onmessage = async ({ data }: MessageEvent<{ name: string; seed: number }>) => {
  try {
    const store = await Store.open({ name: data.name, storage: { estimate: async () => ({ usage: 0, quota: 1e9 }) } });
    let waited = false;
    let loaded = -HEADERS;
    const source = watched(await toySource(toyModel(data.seed)), () => {
      loaded += 700;
      self.postMessage({ loaded });
    });
    const onWait = () => {
      waited = true;
    };
    await installModel(source, 'q4', { store, converter: createHostConverter(), pieceBytes: 1024, onWait });
    self.postMessage({ waited });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
self.postMessage('ready');
