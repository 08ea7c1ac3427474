import { type KeptDb, openKeptDb } from '../base/records-db';

/** Where a notebook is kept. */
export type NotebookDb = KeptDb<'entries' | 'runs'>;

export const openNotebookDb = (name = 'lenslet-notebook'): Promise<NotebookDb> => openKeptDb(name, ['entries', 'runs']);
