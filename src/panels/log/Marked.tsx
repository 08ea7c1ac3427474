import { Fragment, memo } from 'react';
import { marked } from '../../state/log/search';

/** A text with what was searched for marked. */
export const Marked = memo(function Marked({ text, words }: { text: string; words: readonly RegExp[] }) {
  return marked(text, words).map(({ text: part, hit }, i) => {
    // Parts have no identity but their place.
    const key = `${i}`;
    return hit ? <mark key={key}>{part}</mark> : <Fragment key={key}>{part}</Fragment>;
  });
});
