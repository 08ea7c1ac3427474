import { openRecordsDb, type RecordsDb } from '../base/records-db';

/** Where a notebook is kept. */
export type NotebookDb = RecordsDb<'entries' | 'runs'>;

export const openNotebookDb = (name = 'lenslet-notebook'): Promise<NotebookDb> =>
  openRecordsDb(name, ['entries', 'runs']);
