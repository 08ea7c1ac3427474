import { type KeyboardEvent, useState } from 'react';
import { examples } from '../../state/examples';
import { LONGEST_PROMPT } from '../../state/url';
import { count } from '../../ui/format';
import { useBench, usePart } from '../bench';

/** The text. A trace follows typing; Ctrl-Enter also generates. */
export function PromptBox() {
  const bench = useBench();
  const text = usePart(bench.tracer.store, (s) => s.text);
  const ready = usePart(bench.engine.store, (s) => s.phase === 'ready');
  /** The reader's own text that an example took the place of. */
  const [own, setOwn] = useState<string | null>(null);
  const example = (next: string) => {
    if (text.trim() !== '' && !examples.some((e) => e.text === text)) setOwn(text);
    show(next);
  };
  const show = (next: string) => {
    bench.view.unlock();
    bench.tracer.type(next);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void bench.tracer.trace();
    void bench.generate();
  };
  return (
    <>
      <div className="prompt">
        <textarea
          data-testid="prompt"
          aria-label="Text"
          rows={2}
          spellCheck={false}
          placeholder="Type a text, or choose an example."
          value={text}
          onChange={(event) => bench.tracer.type(event.target.value)}
          onKeyDown={keys}
        />
        <div className="prompt-side">
          <fieldset className="examples">
            <legend className="hidden">Examples</legend>
            {examples.map(({ name, text: sample }) => (
              <button key={name} type="button" aria-pressed={text === sample} onClick={() => example(sample)}>
                {name}
              </button>
            ))}
            {own !== null && own !== text && (
              <button
                type="button"
                onClick={() => {
                  show(own);
                  setOwn(null);
                }}
              >
                Back to your text
              </button>
            )}
          </fieldset>
          <div className="actions">
            <button type="button" data-testid="trace" disabled={!ready || text === ''} onClick={() => void bench.tracer.trace()}>
              Trace
            </button>
            <span className="caption">Ctrl-Enter generates</span>
          </div>
        </div>
      </div>
      {text.length > LONGEST_PROMPT && (
        <p className="caption">
          A link carries the first {count(LONGEST_PROMPT)} of these {count(text.length)} characters.
        </p>
      )}
      <LinkNotices />
    </>
  );
}

/** What the link named and could not be had. */
function LinkNotices() {
  const bench = useBench();
  const list = usePart(bench.notices, (s) => s.list);
  return (
    <div role="status">
      {list.length > 0 && (
        <p className="caption" data-testid="link-notices">
          {list.join(' ')}{' '}
          <button type="button" className="bare" onClick={() => bench.notices.setState({ list: [] })}>
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}
