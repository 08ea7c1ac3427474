import type { ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import type { Workbench } from '../../state/page/workbench';
import { BenchContext } from '../use-workbench';

/** Draws a part of the page with a workbench, in a box of its own at the body's end. */
export function mount(bench: Workbench, part: ReactNode): { host: HTMLElement; root: Root } {
  const host = document.createElement('div');
  document.body.append(host);
  const root = createRoot(host);
  flushSync(() => root.render(<BenchContext value={bench}>{part}</BenchContext>));
  return { host, root };
}
