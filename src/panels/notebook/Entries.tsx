import { useState } from 'react';
import { useStore } from 'zustand';
import { isOpen, keyOf } from '../../state/features/feature-key';
import type { Entry } from '../../state/notebook/record';
import { FeatureName } from '../FeatureName';
import { useBench } from '../use-workbench';
import { useName } from './use-notes';

/** Whether an entry holds all the words typed, anywhere in what is kept of it. */
export function matches(entry: Entry, typed: string): boolean {
  const text = `${entry.layer}:${entry.feature} ${entry.name ?? ''} ${entry.note} ${entry.model}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const byFeature = (a: Entry, b: Entry): number => a.layer - b.layer || a.feature - b.feature;

/** The features that something is kept on; those of another dictionary apart, since their ids mean nothing here. */
export function Entries() {
  const bench = useBench();
  const entries = useStore(bench.notebook.store, (s) => s.entries);
  const info = useStore(bench.engine.store, (s) => s.info);
  const [typed, setTyped] = useState('');
  const found = [...entries.values()].filter((entry) => matches(entry, typed)).sort(byFeature);
  const here = found.filter((entry) => isOpen(info, entry));
  const elsewhere = found.filter((entry) => !isOpen(info, entry));
  return (
    <section className="notebook-side" aria-labelledby="notebook-features">
      <div className="notebook-side-head">
        <h3 id="notebook-features">Features</h3>
        {entries.size > 0 && (
          <input
            className="name-box"
            type="search"
            aria-label="Filter by id, name or note"
            placeholder="Filter by id, name or note"
            data-testid="notebook-filter"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </div>
      {!entries.size && <p className="empty">Nothing kept. Pin, Rename and Note are on every feature’s card.</p>}
      {entries.size > 0 && !found.length && <p className="empty">None of {entries.size} holds these words.</p>}
      <ol>
        {here.map((entry) => (
          <Here key={keyOf(entry)} entry={entry} />
        ))}
      </ol>
      {elsewhere.length > 0 && (
        <>
          <h4 className="notebook-elsewhere">Of another dictionary</h4>
          <ol>
            {elsewhere.map((entry) => (
              <Elsewhere key={keyOf(entry)} entry={entry} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Here({ entry }: { entry: Entry }) {
  const { notebook } = useBench();
  const name = useName(entry.layer, entry.feature);
  const id = `${entry.layer}:${entry.feature}`;
  return (
    <li className="notebook-entry" data-testid={`entry-${entry.layer}-${entry.feature}`}>
      <div className="notebook-entry-head">
        <FeatureName layer={entry.layer} id={entry.feature} label={name} />
        <button
          type="button"
          className="bare"
          aria-label={`${entry.pinned === null ? 'Pin' : 'Unpin'} ${id}`}
          onClick={() => notebook.note(entry, { pinned: entry.pinned === null })}
        >
          {entry.pinned === null ? 'Pin' : 'Unpin'}
        </button>
        <Delete entry={entry} />
      </div>
      {entry.note && <p className="notebook-note">{entry.note}</p>}
    </li>
  );
}

function Elsewhere({ entry }: { entry: Entry }) {
  return (
    <li className="notebook-entry" data-testid={`elsewhere-${entry.layer}-${entry.feature}`}>
      <div className="notebook-entry-head">
        <span className="feature-name">
          <span className="mono">
            {entry.layer}:{entry.feature}
          </span>
          {entry.name && <span className="feature-label">{entry.name}</span>}
        </span>
        <Delete entry={entry} />
      </div>
      <p className="caption notebook-origin">
        {entry.model}
        {entry.sha256 ? (
          <>
            , <span className="mono">{entry.sha256.slice(0, 8)}</span>
          </>
        ) : (
          ', hash not known'
        )}
      </p>
      {entry.note && <p className="notebook-note">{entry.note}</p>}
    </li>
  );
}

function Delete({ entry }: { entry: Entry }) {
  const { notebook } = useBench();
  return (
    <button
      type="button"
      className="bare"
      aria-label={`Delete what is kept on ${entry.layer}:${entry.feature}`}
      onClick={() => notebook.removeEntry(keyOf(entry))}
    >
      Delete
    </button>
  );
}
