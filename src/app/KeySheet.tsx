import { useState } from 'react';
import { useBench } from '../panels/use-workbench';
import { Sheet } from '../ui/Sheet';
import { Glossary } from '../ui/TermSays';
import { KEYS } from './keys';
import { lettersOn, setLetters } from './letters';

/** The keys, and the way back to the first look. */
export default function KeySheet({ onFirstLook }: { onFirstLook: () => void }) {
  const bench = useBench();
  const [letters, showLetters] = useState(lettersOn);
  const close = () => bench.view.set({ sheet: null });
  return (
    <Sheet title="Keys" testId="keys" onClose={close}>
      <dl className="keys">
        {KEYS.map(({ keys, does }) => (
          <div key={keys}>
            <dt className="mono">{keys}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p className="caption">A trace follows 250 ms after typing stops. On a Mac, Cmd stands for Ctrl.</p>
      <label className="switch">
        <input
          type="checkbox"
          checked={letters}
          onChange={(event) => {
            setLetters(event.target.checked);
            showLetters(lettersOn());
          }}
        />
        Single letters and signs are keys
      </label>
      <Glossary />
      <p className="actions keys-foot">
        <button
          type="button"
          onClick={() => {
            close();
            onFirstLook();
          }}
        >
          Take the first look again
        </button>
      </p>
    </Sheet>
  );
}
