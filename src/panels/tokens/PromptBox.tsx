import { Fragment } from 'react';
import type { Effect, Rate } from '../../lens/api/effect';
import { count, score } from '../../lens/maths/figures';
import { LONGEST_PROMPT } from '../../state/page/url';
import { effectsOf, examples, showsEffect } from '../../state/steering/examples';
import { useBench, usePart } from '../bench';

/** The text. A trace follows typing. */
export function PromptBox() {
  const bench = useBench();
  const text = usePart(bench.tracer.store, (s) => s.text);
  const ready = usePart(bench.engine.store, (s) => s.phase === 'ready');
  const info = usePart(bench.engine.store, (s) => s.info);
  const effects = effectsOf(info, bench.unit);
  const rows = usePart(bench.steering.store, (s) => s.rows);
  const shown = effects.find((effect) =>
    showsEffect(effect, text, rows, bench.unit(effect.edit.layer, effect.edit.feature)),
  );
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
        />
        <fieldset className="examples">
          <legend className="hidden">Examples</legend>
          {examples.map(({ name, text: sample }) => (
            <button
              key={name}
              type="button"
              aria-pressed={text === sample}
              onClick={() => void bench.show({ text: sample })}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <div className="actions prompt-actions">
          <button
            type="button"
            data-testid="trace"
            disabled={!ready || text === ''}
            onClick={() => void bench.tracer.trace()}
          >
            Trace
          </button>
          <Steps />
        </div>
        {(effects.length > 0 || !info) && (
          // Its room is kept while a model is opened.
          <fieldset className="effects" data-testid="effects">
            <legend className="hidden">Measured effects: a text with an edit</legend>
            <span className="caption">{effects.length > 0 && 'Measured effects:'}</span>
            {effects.map((e) => (
              <button
                key={e.name}
                type="button"
                disabled={!ready}
                aria-pressed={e === shown}
                title={`${e.claim}\n${ratesSay(e)}`}
                onClick={() => void bench.showEffect(e)}
              >
                {e.title}
              </button>
            ))}
          </fieldset>
        )}
      </div>
      {text.length > LONGEST_PROMPT && (
        <p className="caption">
          A link carries the first {count(LONGEST_PROMPT)} of these {count(text.length)} characters.
        </p>
      )}
      {(effects.length > 0 || !info) &&
        (shown ? (
          <details className="effect caption figures" data-testid="effect">
            <summary>{ratesSay(shown)}</summary>
            {shown.claim}
          </details>
        ) : (
          // The line stays when an edit is changed: what stands under it must not move under the hand.
          <p className="effect caption">
            {effects.length > 0 &&
              'A measured effect is a text with one edit; what it does was counted over held-out prompts, beside both controls.'}
          </p>
        ))}
      <Notices />
    </>
  );
}

/** What was done last, taken back and done again. */
function Steps() {
  const bench = useBench();
  const { back, forth } = usePart(bench.history.store, (s) => s);
  return (
    <>
      <button
        type="button"
        className="bare"
        data-testid="undo"
        disabled={back === 0}
        title="Ctrl-Z"
        onClick={() => bench.undo()}
      >
        Undo
      </button>
      <button
        type="button"
        className="bare"
        data-testid="redo"
        disabled={forth === 0}
        title="Ctrl-Shift-Z"
        onClick={() => bench.redo()}
      >
        Redo
      </button>
    </>
  );
}

/** Every arm's rate with its interval: the edit is only as good as its controls are low. */
function ratesSay({ rates: { baseline, edited, randomDirections, randomFeatures } }: Effect): string {
  const arm = (name: string, { rate, low, high, n }: Rate) =>
    `${name} ${score(rate)} (${score(low)}–${score(high)}, n ${count(n)})`;
  return `Share of held-out prompts that show it: ${[arm('edited', edited), arm('baseline', baseline), arm('random directions', randomDirections), arm('random features', randomFeatures)].join(' · ')}`;
}

/** What was asked of the page and could not be had; each source's part goes by itself. */
function Notices() {
  const { notices } = useBench();
  const list = usePart(notices.store, (s) => s.list);
  return (
    <div role="status">
      {list.length > 0 && (
        <p className="caption" data-testid="link-notices">
          {list.map(({ source, lines }, i) => (
            <Fragment key={source}>
              {i > 0 && ' '}
              {lines.join(' ')}{' '}
              <button type="button" className="bare" onClick={() => notices.say(source, [])}>
                Dismiss
              </button>
            </Fragment>
          ))}
        </p>
      )}
    </div>
  );
}
