import type { Prompt } from '../lens/api/chat';
import { promptOf, samePrompt } from '../state/reading/prompt';
import type { Tracer } from '../state/reading/trace';

/** A packed link in the address whose text is not here: it is on its way, or what unpacks it could not be loaded. */
export interface Unread {
  begin(): void;
  end(): void;
  /** Whether the address still holds it, and nobody has written anything since: nothing may take its place. */
  is(): boolean;
}

export const UNREAD_SAYS = 'The link’s text is packed, and the part of the page that unpacks it could not be loaded.';

export function createUnread({ tracer }: { tracer: Pick<Tracer, 'store'> }): Unread {
  const now = () => promptOf(tracer.store.getState());
  let at: Prompt | null = null;
  return {
    begin: () => {
      at = now();
    },
    end: () => {
      at = null;
    },
    is: () => at !== null && samePrompt(at, now()),
  };
}
