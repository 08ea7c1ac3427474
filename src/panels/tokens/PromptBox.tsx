import type { KeyboardEvent } from 'react';
import { examples } from '../../state/examples';
import { useBench, usePart } from '../bench';

/** The text. A trace follows typing; Ctrl-Enter also generates. */
export function PromptBox() {
  const bench = useBench();
  const text = usePart(bench.tracer.store, (s) => s.text);
  const ready = usePart(bench.engine.store, (s) => s.phase === 'ready');
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void bench.tracer.trace();
    void bench.generate();
  };
  return (
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
          {examples.map((example) => (
            <button
              key={example.name}
              type="button"
              aria-pressed={text === example.text}
              onClick={() => {
                bench.view.unlock();
                bench.tracer.type(example.text);
              }}
            >
              {example.name}
            </button>
          ))}
        </fieldset>
        <div className="actions">
          <button type="button" data-testid="trace" disabled={!ready || text === ''} onClick={() => void bench.tracer.trace()}>
            Trace
          </button>
          <span className="caption">Ctrl-Enter generates</span>
        </div>
      </div>
    </div>
  );
}
