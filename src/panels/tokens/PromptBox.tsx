import { Fragment } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Effect, Rate } from '../../lens/api/effect';
import { count, score } from '../../lens/maths/figures';
import { LONGEST_PROMPT } from '../../state/page/link-codec';
import { selectEffects, selectShownEffect } from '../../state/page/selectors';
import { examples } from '../../state/steering/examples';
import { useComposed } from '../../ui/use-composed';
import { EffectChart } from '../charts/EffectChart';
import { useBench, usePage } from '../use-workbench';

const LINE_ENDS =
  'The text’s Windows line ends (carriage return, line feed) became plain ones as it was edited. Undo brings them back.';

/** The text. A trace follows typing; characters that are being composed wait until they are whole. */
export function PromptBox() {
  const bench = useBench();
  const text = useStore(bench.tracer.store, (s) => s.text);
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready');
  // The room of the effects is kept while a model is opened.
  const opening = useStore(bench.engine.store, (s) => s.info === null);
  const effects = usePage(useShallow(selectEffects));
  const box = useComposed(text, (typed) => {
    bench.tracer.type(typed);
    // A text box has one sign for the end of a line.
    if (text.includes('\r') && !typed.includes('\r')) bench.notices.say('text', [LINE_ENDS]);
  });
  return (
    <>
      <div className="prompt">
        <textarea
          data-testid="prompt"
          aria-label="Text"
          rows={2}
          spellCheck={false}
          placeholder="Type a text, or choose an example."
          {...box}
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
        {(effects.length > 0 || opening) && <EffectButtons effects={effects} ready={ready} />}
      </div>
      {text.length > LONGEST_PROMPT && (
        <p className="caption">
          A link carries the first {count(LONGEST_PROMPT)} of these {count(text.length)} characters.
        </p>
      )}
      {(effects.length > 0 || opening) && <EffectRates any={effects.length > 0} />}
      <Notices />
    </>
  );
}

function EffectButtons({ effects, ready }: { effects: readonly Effect[]; ready: boolean }) {
  const bench = useBench();
  const shown = usePage(selectShownEffect);
  return (
    <fieldset className="effects" data-testid="effects">
      <legend className="hidden">Measured effects: a text with an edit</legend>
      <span className="caption">{effects.length > 0 && 'Measured effects:'}</span>
      {effects.map((effect) => (
        <button
          key={effect.name}
          type="button"
          disabled={!ready}
          aria-pressed={effect === shown}
          title={`${effect.claim}\n${ratesSay(effect)}`}
          onClick={() => void bench.showEffect(effect)}
        >
          {effect.title}
        </button>
      ))}
    </fieldset>
  );
}

/** What is known of the effect on show. The line stays when an edit changes, so that nothing below it moves under the
 *  hand. */
function EffectRates({ any }: { any: boolean }) {
  const shown = usePage(selectShownEffect);
  return shown ? (
    <details className="effect caption figures" data-testid="effect">
      <summary>{ratesSay(shown)}</summary>
      {shown.claim}
      <EffectChart effect={shown} />
    </details>
  ) : (
    <p className="effect caption">
      {any &&
        'A measured effect is a text with one edit; what it does was counted over held-out prompts, beside both controls.'}
    </p>
  );
}

/** What was done last, taken back and done again. */
function Steps() {
  const bench = useBench();
  const { back, forth } = useStore(bench.history.store, (s) => s);
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
  const list = useStore(notices.store, (s) => s.list);
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
