import { type ChangeEvent, type CompositionEvent, useState } from 'react';
import { type BoxEvent, type Composing, compose } from './composing';

type Box = HTMLInputElement | HTMLTextAreaElement;

/** Value and handlers of a text box that hands on whole input only: see composing.ts. */
export function useComposed(value: string, onType: (text: string) => void) {
  const [composing, setComposing] = useState<Composing>(null);
  const on = (event: BoxEvent) => {
    const next = compose(composing, event);
    setComposing(next.composing);
    // The end of a composition that was taken back changes nothing.
    if (next.typed !== null && next.typed !== value) onType(next.typed);
  };
  return {
    value: composing ?? value,
    onChange: ({ target, nativeEvent }: ChangeEvent<Box>) =>
      on({ type: 'input', text: target.value, composing: (nativeEvent as InputEvent).isComposing }),
    onCompositionStart: ({ currentTarget }: CompositionEvent<Box>) => on({ type: 'start', text: currentTarget.value }),
    onCompositionEnd: ({ currentTarget }: CompositionEvent<Box>) => on({ type: 'end', text: currentTarget.value }),
  };
}
