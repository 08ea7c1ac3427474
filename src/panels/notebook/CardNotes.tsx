import { type KeyboardEvent, useState } from 'react';
import { useStore } from 'zustand';
import { LONGEST_NAME, LONGEST_NOTE } from '../../state/notebook/limits';
import type { NotePatch } from '../../state/notebook/notebook';
import { composes } from '../../ui/composing';
import { useComposed } from '../../ui/use-composed';
import { useBench } from '../use-workbench';
import { useEntry, useFeatureKey } from './use-notes';
import './notebook.css';

/** What the reader keeps on a feature: pinned or not, a name of their own, a note. */
export function CardNotes({ layer, id }: { layer: number; id: number }) {
  const bench = useBench();
  const key = useFeatureKey(layer, id);
  const entry = useEntry(layer, id);
  const [naming, setNaming] = useState(false);
  if (!key) return null;
  const keep = (patch: NotePatch) => bench.notebook.note(key, patch);
  const pinned = entry !== null && entry.pinned !== null;
  const name = `${layer}:${id}`;
  return (
    <section className="card-notes" aria-label={`Notes on ${name}`}>
      <div className="card-notes-head">
        <button
          type="button"
          data-testid="pin"
          aria-pressed={pinned}
          aria-label={pinned ? `Unpin ${name}` : `Pin on top: ${name}`}
          onClick={() => keep({ pinned: !pinned })}
        >
          {pinned ? 'Unpin' : 'Pin on top'}
        </button>
        {naming ? (
          <NameBox
            // Another feature is another box.
            key={name}
            of={name}
            value={entry?.name ?? ''}
            onDone={(typed) => {
              if (typed !== null) keep({ name: typed });
              setNaming(false);
            }}
          />
        ) : (
          <>
            <button type="button" data-testid="rename" onClick={() => setNaming(true)}>
              Rename
            </button>
            <span className="feature-label own-name" data-testid="own-name">
              {entry?.name ?? ''}
            </span>
          </>
        )}
        <Kept there={entry !== null} />
      </div>
      <NoteBox of={name} value={entry?.note ?? ''} onType={(note) => keep({ note })} />
    </section>
  );
}

function NoteBox({ of, value, onType }: { of: string; value: string; onType: (note: string) => void }) {
  const bench = useBench();
  const box = useComposed(value, onType);
  return (
    <textarea
      className="card-note"
      data-testid="note"
      aria-label={`Note on ${of}`}
      placeholder="Note"
      rows={Math.min(8, box.value.split('\n').length)}
      maxLength={LONGEST_NOTE}
      {...box}
      onBlur={() => void bench.notebook.flush()}
    />
  );
}

/** Enter or leaving the box keeps the name, Esc does not; an empty one gives the feature its label back. */
function NameBox({ of, value, onDone }: { of: string; value: string; onDone: (typed: string | null) => void }) {
  const [typed, setTyped] = useState(value);
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    // Esc would unlock the token too.
    event.nativeEvent.stopPropagation();
    // It ends a word that an input method composes, not the name.
    if (composes(event.nativeEvent)) return;
    event.preventDefault();
    onDone(event.key === 'Enter' ? typed : null);
  };
  return (
    <input
      className="name-box"
      data-testid="name-box"
      aria-label={`Own name of ${of}; empty for its label`}
      placeholder="Own name; empty for the label"
      maxLength={LONGEST_NAME}
      ref={(input) => input?.focus()}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={keys}
      onBlur={() => onDone(typed)}
    />
  );
}

/** Where what has been typed is. */
function Kept({ there }: { there: boolean }) {
  const store = useBench().notebook.store;
  const saving = useStore(store, (s) => s.saving);
  const storage = useStore(store, (s) => s.storage);
  const says =
    storage === 'tab'
      ? 'Kept until this tab is closed: storage is closed here'
      : saving
        ? 'Saving'
        : 'Saved on this machine';
  return (
    <span className="caption card-kept" data-testid="kept">
      {(there || saving) && says}
    </span>
  );
}
