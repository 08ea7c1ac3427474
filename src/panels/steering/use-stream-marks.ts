import { type RefObject, useLayoutEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { GeneratedRow } from '../../lens/api/generate';
import type { StreamKind } from '../../state/base/view';
import { actsOnSome, drawnMark, generatedMark } from '../../state/steering/acted';
import { useBench } from '../use-workbench';
import { generatedMarkSays } from './use-edit-marks';

/** Writes to a generated text's tokens where edits acted on them, once the model has read them: a token is drawn once,
 *  and what was done at it is known a step later. */
export function useStreamMarks(kind: StreamKind, rows: readonly GeneratedRow[], text: RefObject<HTMLElement | null>) {
  const { store } = useBench().runner;
  const some = useStore(store, (s) => kind !== 'baseline' && actsOnSome(s.plan));
  const edits = useStore(store, (s) => s.plan?.edits.length ?? 0);
  const written = useRef<{ of: GeneratedRow | undefined; upTo: number }>({ of: undefined, upTo: 0 });
  useLayoutEffect(() => {
    const elements = text.current!.children as HTMLCollectionOf<HTMLElement>;
    const known = some ? rows : [];
    // Another run's tokens are drawn in the same elements.
    if (written.current.of !== known[0]) {
      for (const element of elements) {
        delete element.dataset.edit;
        element.removeAttribute('aria-description');
      }
      written.current = { of: known[0], upTo: 0 };
    }
    let i = written.current.upTo;
    for (; i + 1 < known.length; i++) {
      const mark = drawnMark(generatedMark(known, i));
      if (!mark) continue;
      elements[i]!.dataset.edit = mark;
      elements[i]!.setAttribute('aria-description', generatedMarkSays(mark, edits));
    }
    written.current.upTo = i;
  }, [rows, some, edits, text]);
}
