import { Fragment, memo } from 'react';
import { codeOf, piecesOf } from './token-pieces';

/** A token with its invisible signs drawn as faint marks; what is copied is still the token's own text. */
export const TokenText = memo(function TokenText({ text }: { text: string }) {
  if (text === '') return <span className="token-mark">∅</span>;
  return piecesOf(text).map((piece, i) => {
    // Pieces have no identity but their place.
    const key = `${i}`;
    if (piece.kind === 'text') return <Fragment key={key}>{piece.text}</Fragment>;
    if (piece.kind === 'control') {
      return (
        <span key={key} className="token-mark token-code">
          {codeOf(piece.text)}
        </span>
      );
    }
    if (piece.kind === 'space') {
      return (
        <span key={key} className="token-space token-white">
          {' '}
        </span>
      );
    }
    if (piece.kind === 'blank') {
      return (
        <span key={key} className="token-blank token-white">
          {piece.text}
        </span>
      );
    }
    return <Fragment key={key}>{piece.kind === 'newline' ? <Newline /> : <Tab />}</Fragment>;
  });
});

function Newline() {
  return (
    <svg className="token-sign" viewBox="0 0 10 10" aria-hidden="true">
      <path d="M8.5 2v4h-6M4.5 4l-2 2 2 2" />
    </svg>
  );
}

function Tab() {
  return (
    <svg className="token-sign" viewBox="0 0 10 10" aria-hidden="true">
      <path d="M1 5h6M5 3l2 2-2 2M8.5 2.5v5" />
    </svg>
  );
}
