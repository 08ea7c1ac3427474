import { MOST_PROMPT } from '../lens/exchange/chat-fields';
import type { Room } from '../ui/pasted';
import { useBench } from './use-workbench';

/** The room of a box for what the model is to read: as much as a recipe and a kept run have room for. */
export function useRoom(): Room {
  const { notices } = useBench();
  return { most: MOST_PROMPT, says: (sentence) => notices.say('paste', sentence ? [sentence] : []) };
}
