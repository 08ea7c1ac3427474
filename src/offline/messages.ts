import type { AskedFile } from './asked';

/** What a page asks the worker of the large files (asked.ts), with a port for the answers. A word on the port, whatever
 *  it is, stops the storing. */
export type PageAsks = { about: 'list' } | { about: 'store'; address: string };

/** What the worker answers on the port. `kept`: whether the file is stored now, which is the last answer. */
export type WorkerSays = { files: AskedFile[] } | { loaded: number } | { kept: boolean };

/** What the worker tells all its pages: large files that are kept now were not before. */
export const MORE_KEPT = 'more-kept';
