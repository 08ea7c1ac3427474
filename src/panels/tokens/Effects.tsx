import { Fragment } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Effect } from '../../lens/api/effect';
import { selectEffects, selectShownEffect } from '../../state/page/selectors';
import { effectSays, effectTexts } from '../../state/steering/examples';
import { EffectChart } from '../charts/EffectChart';
import { useBench, usePage } from '../use-workbench';
import './effects.css';

/** The measured effects, each a text with edits; those beyond the natural range stand apart. Their room is kept while a
 *  model is opened. */
export function EffectButtons() {
  const opening = useOpening();
  const effects = usePage(useShallow(selectEffects));
  const shown = usePage(selectShownEffect);
  const rows = [
    { name: 'Measured effects:', of: effects.filter(({ range }) => range !== 'beyond') },
    { name: 'Beyond the natural range:', of: effects.filter(({ range }) => range === 'beyond') },
  ];
  if (!effects.length && !opening) return null;
  return (
    <fieldset className="effects" data-testid="effects">
      <legend className="hidden">Measured effects: a text with edits</legend>
      {rows.map(
        ({ name, of }) =>
          of.length > 0 && (
            <Fragment key={name}>
              <span className="caption">{name}</span>
              {of.map((effect) => (
                <EffectButton key={effect.name} effect={effect} pressed={effect === shown} />
              ))}
            </Fragment>
          ),
      )}
    </fieldset>
  );
}

function EffectButton({ effect, pressed }: { effect: Effect; pressed: boolean }) {
  const bench = useBench();
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready');
  return (
    <button
      type="button"
      disabled={!ready}
      aria-pressed={pressed}
      title={effectSays(effect)}
      onClick={() => void bench.showEffect(effect)}
    >
      {effect.title}
    </button>
  );
}

/** What was counted of the effect on show, with its two texts where it has two. The line stays when an edit changes, so
 *  that nothing below it moves under the hand. */
export function EffectOnShow() {
  const opening = useOpening();
  const any = usePage((page) => selectEffects(page).length > 0);
  const shown = usePage(selectShownEffect);
  if (!any && !opening) return null;
  if (!shown)
    return (
      <p className="effect caption">
        {any &&
          'A measured effect is a text with edits; what they do was counted over held-out texts, beside random directions and random features.'}
      </p>
    );
  return (
    <div className="effect effect-line">
      {shown.beside && <EffectTexts effect={shown} />}
      <details className="caption figures" data-testid="effect">
        <summary>{effectSays(shown)}</summary>
        {shown.claim}
        <StrongestOther effect={shown} />
        <EffectChart effect={shown} />
      </details>
    </div>
  );
}

/** The text on which the effect shows, and the one on which it does not: a click apart, under the same edits. */
function EffectTexts({ effect }: { effect: Effect }) {
  const bench = useBench();
  const text = useStore(bench.tracer.store, (s) => s.text);
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready');
  return (
    <fieldset className="effect-texts" data-testid="effect-texts">
      <legend className="hidden">Texts under these edits</legend>
      {effectTexts(effect).map((each) => (
        <button
          key={each}
          type="button"
          disabled={!ready}
          aria-pressed={each === text}
          onClick={() => void bench.showEffect(effect, each)}
        >
          {each}
        </button>
      ))}
    </fieldset>
  );
}

/** The random features that did most, by name. */
function StrongestOther({ effect: { strongestOther } }: { effect: Effect }) {
  const bench = useBench();
  if (!strongestOther) return null;
  return (
    <p>
      The strongest of {strongestOther.of} random draws:{' '}
      {strongestOther.features.map(({ layer, feature }, i) => (
        <Fragment key={`${layer}:${feature}`}>
          {i > 0 && ' '}
          <button type="button" className="bare" onClick={() => bench.showFeature(layer, feature)}>
            {layer}:{feature}
          </button>
        </Fragment>
      ))}
    </p>
  );
}

const useOpening = () => useStore(useBench().engine.store, (s) => s.info === null);
