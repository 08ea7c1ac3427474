import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { Score } from '../../lens/api/verbalizer';
import { score as two } from '../../lens/maths/figures';
import { confidenceOf, confidenceTitle } from '../../state/words/confidence';
import { draftKey, selectDraft } from '../../state/words/draft';
import { Failure } from '../../ui/Failure';
import { useBench } from '../use-workbench';

/** FVE, or where there is no V the cosine. */
export const worth = (score: Score): number => score.fve ?? score.cosine;

/** The line under the words: Edit, and, once the text is no longer the verbalizer's, the present score beside the score
 *  of the original. */
export function DraftLine({
  editing,
  onEdit,
  own,
}: {
  editing: boolean;
  onEdit: (editing: boolean) => void;
  own: Score;
}) {
  const bench = useBench();
  const { drafts } = bench.verbal;
  const live = useStore(bench.engine.store, (s) => s.lens !== null);
  const changed = useStore(drafts.store, (s) => s.record !== null && s.drafts.has(draftKey(s.record, s.sample)));
  const { value, key, answered, error } = useStore(drafts.score.store, (s) => s);
  const confidence = confidenceOf(value);
  return (
    <>
      <button
        type="button"
        data-testid="edit-words"
        disabled={!live}
        aria-pressed={editing}
        onClick={() => onEdit(!editing)}
      >
        Edit
      </button>
      {changed && (
        <>
          <span
            className={key === answered ? 'draft-score figures' : 'draft-score figures stale'}
            data-testid="draft-score"
          >
            {value && (
              <>
                {confidence && <b>{confidenceTitle[confidence]} </b>}
                {value.fve === null ? 'cosine' : 'FVE'} {two(worth(value))}
                <span className="caption"> was {two(worth(own))}</span>
              </>
            )}
          </span>
          <button
            type="button"
            onClick={() => {
              drafts.revert();
              onEdit(false);
            }}
          >
            Revert
          </button>
        </>
      )}
      {error && <Failure error={error} kept="The text is kept." />}
    </>
  );
}

/** The words as a text to write in. What is written is scored as it stands. */
export function Editor({ onClose }: { onClose: () => void }) {
  const { drafts } = useBench().verbal;
  const box = useRef<HTMLTextAreaElement>(null);
  const text = useStore(drafts.store, (s) => selectDraft(s)?.text ?? '');
  useEffect(() => box.current?.focus(), []);
  return (
    <textarea
      ref={box}
      className="words-editor"
      data-testid="words-editor"
      aria-label="The words, to edit"
      spellCheck={false}
      value={text}
      onChange={(event) => drafts.type(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // Else the page unlocks the token.
        event.preventDefault();
        onClose();
      }}
    />
  );
}
