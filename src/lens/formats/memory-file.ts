import type { ReadOptions } from '../sources/folder';
import { refuseLonger } from '../sources/reads';
import type { Source, SourceFile } from '../sources/source';

/** A source with one of its files replaced by bytes in memory. */
export function withFile(source: Source, file: SourceFile, bytes: Uint8Array): Source {
  const { path } = file;
  const whole = (options: ReadOptions = {}) => {
    refuseLonger(path, bytes.length, options.most);
    options.onBytes?.(bytes.length, bytes.length);
    return bytes;
  };
  return {
    ...source,
    stat: (asked, options) => (asked === path ? Promise.resolve(file) : source.stat(asked, options)),
    async *stream(asked, begin, end, options) {
      if (asked === path) yield bytes.slice(begin, end);
      else yield* source.stream(asked, begin, end, options);
    },
    read: async (asked, options) => (asked === path ? whole(options) : source.read(asked, options)),
    tryRead: async (asked, options) => (asked === path ? whole(options) : source.tryRead(asked, options)),
    async tryReadPart(asked, begin, end, options) {
      if (asked !== path) return source.tryReadPart(asked, begin, end, options);
      return { bytes: bytes.slice(begin, end), begin, size: bytes.length };
    },
  };
}
