import { useView } from '../use-workbench';
import { NotebookSheet } from './NotebookSheet';

/** The notebook, while it is asked for. */
export function Notebook() {
  const open = useView((s) => s.sheet === 'notebook');
  return open ? <NotebookSheet /> : null;
}
