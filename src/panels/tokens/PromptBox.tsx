import { type KeyboardEvent, useState } from 'react';
import type { Effect, Rate } from '../../lens/types';
import type { EditRow } from '../../state/edits';
import { effectsOf, examples, showsEffect } from '../../state/examples';
import { LONGEST_PROMPT } from '../../state/url';
import { count, score } from '../../ui/format';
import { useBench, usePart } from '../bench';

/** The text. A trace follows typing; Ctrl-Enter also generates. */
export function PromptBox() {
  const bench = useBench();
  const text = usePart(bench.tracer.store, (s) => s.text);
  const ready = usePart(bench.engine.store, (s) => s.phase === 'ready');
  const info = usePart(bench.engine.store, (s) => s.info);
  const effects = effectsOf(info, bench.unit);
  const rows = usePart(bench.steering.store, (s) => s.rows);
  const shown = effects.find((effect) => showsEffect(effect, text, rows, bench.unit(effect.edit.layer, effect.edit.feature)));
  /** The reader's own text that an example took the place of, and the edits that an effect did. */
  const [own, setOwn] = useState<{ text: string; rows: EditRow[] | null } | null>(null);
  const keep = (edits: EditRow[] | null) => {
    if (shown) return;
    const sample = text.trim() === '' || examples.some((e) => e.text === text);
    if (!sample || edits?.length) setOwn({ text, rows: edits });
  };
  const example = (next: string) => {
    keep(null);
    show(next);
  };
  const effect = (next: Effect) => {
    keep(rows);
    void bench.showEffect(next);
  };
  const back = ({ text: mine, rows: edits }: NonNullable<typeof own>) => {
    if (edits) bench.steering.replace(edits);
    show(mine);
    setOwn(null);
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
            {own !== null && own.text !== text && (
              <button type="button" onClick={() => back(own)}>
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
      {(effects.length > 0 || !info) && (
        // Its room is kept while a model is opened.
        <fieldset className="effects" data-testid="effects">
          <legend className="hidden">Measured effects: a text with an edit</legend>
          <span className="caption">{effects.length > 0 && 'Measured effects:'}</span>
          {effects.map((e) => (
            <button key={e.name} type="button" disabled={!ready} aria-pressed={e === shown} title={`${e.claim}\n${ratesSay(e)}`} onClick={() => effect(e)}>
              {e.title}
            </button>
          ))}
        </fieldset>
      )}
      {shown && (
        <p className="caption figures" data-testid="effect" title={ratesSay(shown)}>
          {shown.claim}
        </p>
      )}
      <LinkNotices />
    </>
  );
}

/** Every arm's rate with its interval: the edit is only as good as its controls are low. */
function ratesSay({ rates: { baseline, edited, randomDirections, randomFeatures } }: Effect): string {
  const arm = (name: string, { rate, low, high, n }: Rate) => `${name} ${score(rate)} (${score(low)}–${score(high)}, n ${count(n)})`;
  return [arm('Edited', edited), arm('baseline', baseline), arm('random directions', randomDirections), arm('random features', randomFeatures)].join(' · ');
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
