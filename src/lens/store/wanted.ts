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
  /** Stage `download`: bytes of the source's files, including those that the store has already. */
  onProgress?: (p: Progress) => void;
  /** Source bytes of a piece, 16 MiB by default. Smaller pieces need less memory and make more parts. */
  pieceBytes?: number;
  /** Called if another tab is installing the same entry; this one waits, then uses the result. */
  onWait?: () => void;
}

/** The entry to install, as its source describes it. */
export interface Wanted {
  kind: Manifest['kind'];
  source: Source;
  detail: string;
  meta: DictionaryMeta | null;
  plan: InstallPlan;
  /** Small files, kept as they are. */
  whole: SourceFile[];
  /** Such files that the entry is complete without, read from `source` as well. */
  beside: SourceFile[];
}
