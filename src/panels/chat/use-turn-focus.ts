import { type RefObject, useCallback, useLayoutEffect, useRef } from 'react';
import type { Message } from '../../lens/api/chat';
import type { TurnFocus } from './turn-acts';

/** Moves the focus within the list of turns once they have changed as was asked, and keeps in sight what came: a turn
 *  that has the focus, or one that came last. Gives what asks. */
export function useTurnFocus(list: RefObject<HTMLElement | null>, messages: readonly Message[]) {
  const next = useRef<TurnFocus | null>(null);
  const before = useRef<readonly Message[]>([]);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = messages;
    const to = next.current;
    next.current = null;
    if (!list.current) return;
    if (messages.length > was.length && messages.at(-1) !== was.at(-1))
      list.current.scrollTop = list.current.scrollHeight;
    const turn = to && list.current.children[to.turn];
    if (!turn) return;
    const find = (selector: string) => turn.querySelector<HTMLElement>(selector);
    const text = find('textarea');
    const part =
      to.part === 'text' ? text : (find(`[data-act="${to.part}"]:enabled`) ?? find('[data-act="all"]') ?? text);
    part?.focus({ preventScroll: true });
    turn.scrollIntoView({ block: 'nearest' });
  }, [list, messages]);
  return useCallback((to: TurnFocus) => {
    next.current = to;
  }, []);
}
