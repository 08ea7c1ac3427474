import {
  type ChangeEvent,
  type ClipboardEvent,
  type CompositionEvent,
  type DragEvent,
  type SyntheticEvent,
  useRef,
  useState,
} from 'react';
import { type BoxEvent, type Composing, compose } from './composing';
import { inBox, retyped } from './line-ends';
import { fullSays, pastedSays, type Room, staying } from './pasted';

type Box = HTMLInputElement | HTMLTextAreaElement;

/** Value and handlers of a text box that hands on whole input only: see composing.ts. The value's own line ends stay
 *  through the editing: see line-ends.ts. `room`: how much it takes, and where it says
 *  what it did not take. */
export function useComposed(value: string, onType: (text: string) => void, room?: Room) {
  const [composing, setComposing] = useState<Composing>(null);
  /** What is dragged comes from this box. */
  const own = useRef(false);
  const shown = inBox(value);
  const on = (event: BoxEvent) => {
    const next = compose(composing, event);
    setComposing(next.composing);
    // The end of a composition that was taken back changes nothing.
    if (next.typed === null || next.typed === shown) return;
    const text = retyped(value, next.typed);
    if (room && text.length > Math.max(room.most, value.length)) room.says(fullSays(room.most));
    else onType(text);
  };
  const take = (event: SyntheticEvent<Box>, data: DataTransfer | null) => {
    if (!room) return;
    const text = data?.getData('text/plain') ?? '';
    const { selectionStart, selectionEnd } = event.currentTarget;
    const selected = (selectionEnd ?? 0) - (selectionStart ?? 0);
    const moves = own.current && data?.dropEffect !== 'copy';
    const by = event.type === 'paste' ? 'paste' : moves ? 'move' : 'drop';
    const { refused, says } = pastedSays(text, staying(shown.length, selected, by), room.most);
    // Before the browser lays out what nobody could read.
    if (refused) event.preventDefault();
    if (text) room.says(says);
  };
  return {
    value: composing ?? shown,
    onChange: ({ target, nativeEvent }: ChangeEvent<Box>) =>
      on({ type: 'input', text: target.value, composing: (nativeEvent as InputEvent).isComposing }),
    onCompositionStart: ({ currentTarget }: CompositionEvent<Box>) => on({ type: 'start', text: currentTarget.value }),
    onCompositionEnd: ({ currentTarget }: CompositionEvent<Box>) => on({ type: 'end', text: currentTarget.value }),
    onPaste: (event: ClipboardEvent<Box>) => take(event, event.clipboardData),
    onDragStart: () => {
      own.current = true;
    },
    onDragEnd: () => {
      own.current = false;
    },
    onDrop: (event: DragEvent<Box>) => take(event, event.dataTransfer),
  };
}
