import type { Progress } from '../api/open';
import type { Converter } from '../kernels/converter';
import type { Source, SourceFile } from '../sources/source';
import type { DictionaryMeta, Manifest } from './manifest';
import type { InstallPlan } from './plan-pieces';
import type { Store } from './store';

export interface InstallOptions {
  store: Store;
  converter: Converter;
  signal?: AbortSignal;
  /** Stage `download`: bytes of the source's files, those that are there already among them. */
  onProgress?: (p: Progress) => void;
  /** Of a piece, in the source; less memory, and more parts. 16 MiB where it is not said. */
  pieceBytes?: number;
  /** Another tab installs the same: this one waits, and then finds it. */
  onWait?: () => void;
}

/** What is to be in the store, as the source has it. */
export interface Wanted {
  kind: Manifest['kind'];
  source: Source;
  detail: string;
  meta: DictionaryMeta | null;
  plan: InstallPlan;
  /** Small files, kept as they are. */
  whole: SourceFile[];
}
