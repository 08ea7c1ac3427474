import { lazy, Suspense } from 'react';
import { useView } from '../bench';

const NotebookSheet = lazy(() => import('./NotebookSheet').then((module) => ({ default: module.NotebookSheet })));

/** The notebook, while it is asked for; its code comes with the first time. */
export function Notebook() {
  const open = useView((s) => s.sheet === 'notebook');
  if (!open) return null;
  return (
    <Suspense>
      <NotebookSheet />
    </Suspense>
  );
}
