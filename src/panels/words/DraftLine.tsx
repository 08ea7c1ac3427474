import { type RefObject, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Score } from '../../lens/api/verbalizer';
import { draftKey, selectDraft } from '../../state/words/draft';
import { Failure } from '../../ui/Failure';
import { useComposed } from '../../ui/use-composed';
import { useBench } from '../use-workbench';

/** FVE, or where there is no V the cosine. */
export const worth = (score: Score): number => score.fve ?? score.cosine;

/** The line under the words: Edit and, once the text is no longer the verbalizer's, the way back to it. */
export function DraftLine({
  editing,
  onEdit,
  edit,
}: {
  editing: boolean;
  onEdit: (editing: boolean) => void;
  edit: RefObject<HTMLButtonElement | null>;
}) {
  const bench = useBench();
  const { drafts } = bench.verbal;
  const live = useStore(bench.engine.store, (s) => s.lens !== null);
  const changed = useStore(drafts.store, (s) => s.record !== null && s.drafts.has(draftKey(s.record, s.sample)));
  const error = useStore(drafts.score.store, (s) => s.error);
  return (
    <>
      <button
        ref={edit}
        type="button"
        data-testid="edit-words"
        disabled={!live}
        aria-pressed={editing}
        title="Change the words and see what they score"
        onClick={() => onEdit(!editing)}
      >
        Edit
      </button>
      {changed && (
        <button
          type="button"
          onClick={() => {
            drafts.revert();
            onEdit(false);
            edit.current?.focus();
          }}
        >
          Revert
        </button>
      )}
      {error && <Failure error={error} kept="The text is kept." />}
    </>
  );
}

/** As the log has room for. */
const LONGEST_WORDS = 20_000;

/** The words as a text to write in. What is written is scored as it stands. */
export function Editor({ onClose }: { onClose: () => void }) {
  const { drafts } = useBench().verbal;
  const box = useRef<HTMLTextAreaElement>(null);
  const text = useStore(drafts.store, (s) => selectDraft(s)?.text ?? '');
  const [says, setSays] = useState<string | null>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <>
      <textarea
        ref={box}
        className="words-editor"
        data-testid="words-editor"
        aria-label="The words, to edit"
        spellCheck={false}
        {...useComposed(text, drafts.type, { most: LONGEST_WORDS, says: setSays })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          // Else the page unlocks the token.
          event.preventDefault();
          onClose();
        }}
      />
      {says && (
        <p className="caption" role="status">
          {says}
        </p>
      )}
    </>
  );
}
