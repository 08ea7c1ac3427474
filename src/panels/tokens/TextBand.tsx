import { useMemo } from 'react';
import { useStore } from 'zustand';
import { fixed } from '../../lens/maths/figures';
import type { Found } from '../../state/page/selectors';
import { scaleOf } from '../../state/reading/select';
import { Choice } from '../../ui/Choice';
import { Failure } from '../../ui/Failure';
import { pinsSay, usePins } from '../notebook/use-pins';
import { countRender } from '../render-count';
import { useBench, useReading, useShownFeature, useStale, useView } from '../use-workbench';
import { Chips } from './Chips';
import { countsFirst } from './chip-fill';
import { PromptBox } from './PromptBox';
import { Readout } from './Readout';
import { Recorded } from './Recorded';
import './tokens.css';

const COLOURS = [
  { value: 'feature', label: 'Feature' },
  {
    value: 'fvu',
    label: 'FVU',
    title: 'Fraction of variance unexplained: the share of the residual that the dictionary leaves out',
  },
  { value: 'surprisal', label: 'Surprisal', title: '−log p of a token given those before it, in nats' },
] as const;

/** The text over the whole width: as it is typed, and as the model reads it. */
export function TextBand() {
  const bench = useBench();
  const error = useStore(bench.tracer.store, (s) => s.error);
  const found = useReading();
  return (
    <section className="band text-band" aria-label="Text">
      <PromptBox />
      {error && <Failure error={error} kept={found ? 'The text and the last trace are kept.' : 'The text is kept.'} />}
      {found ? <Coloured {...found} /> : <Empty />}
    </section>
  );
}

function Empty() {
  const bench = useBench();
  const text = useStore(bench.tracer.store, (s) => s.text);
  return (
    <>
      <div className="chips-frame">
        {text === '' ? (
          <p className="chips caption chips-none">No text. Type one, or choose an example.</p>
        ) : (
          <p className="chips mono chips-empty">{text}</p>
        )}
      </div>
      <div className="colour-bar" />
    </>
  );
}

function Coloured({ reading, site, codes }: Found) {
  countRender('text');
  const bench = useBench();
  const seen = useStore(bench.tracer.store, (s) => s.seen);
  const vocabulary = useStore(bench.engine.store, (s) => s.info?.vocabulary ?? 1);
  const colour = useView((s) => s.colour);
  const ends = useView((s) => s.scale);
  const first = useView((s) => s.first);
  const counted = useView((s) => countsFirst(s, reading.count));
  const stale = useStale() ? ' stale' : '';
  const feature = useShownFeature();
  const { pins, more } = usePins();
  const scale = useMemo(
    () => scaleOf(reading, codes, site, vocabulary, seen, { colour, scale: ends, first: counted }, feature),
    [reading, codes, site, vocabulary, seen, colour, ends, counted, feature],
  );
  return (
    <>
      <div className="chips-frame">
        <div className={stale}>
          <Chips
            reading={reading}
            scale={scale}
            feature={feature === null ? null : `${site.layer}:${feature}`}
            fvu={codes.fvu}
            vocabulary={vocabulary}
            pins={pins}
          />
        </div>
      </div>
      <div className={`colour-bar${stale}`}>
        <Choice
          name="colour"
          label="Colour of the tokens"
          options={COLOURS}
          value={colour}
          onChange={(value) => bench.view.set({ colour: value })}
        />
        <span className="caption figures" data-testid="scale">
          {colour === 'feature' && feature !== null && <b className="mono">{`${site.layer}:${feature} `}</b>}
          {scale.says}
          {', log'}
        </span>
        <label
          className="switch"
          title="Ends the colour scale at this prompt’s largest value instead of the feature’s own maximum, by which prompts compare."
        >
          <input
            type="checkbox"
            checked={ends === 'prompt'}
            onChange={(event) => bench.view.set({ scale: event.target.checked ? 'prompt' : 'maximum' })}
          />
          Scale to this prompt
        </label>
        <label
          className="switch"
          title="The first token is an attention sink in Qwen models: its norm and latents are outliers, and are left out of ranking and scales."
        >
          <input
            type="checkbox"
            checked={first}
            onChange={(event) => bench.view.set({ first: event.target.checked })}
          />
          Count position 0
        </label>
        <span className="caption figures lanes-key">{`lanes: surprisal 0 to ${fixed(Math.log(vocabulary), 1)} nats; FVU 0 to 1; log`}</span>
        {pins.length > 0 && (
          <span className="caption figures lanes-key" data-testid="pins-key">
            {pinsSay(pins, more)}
          </span>
        )}
        <Recorded />
        <Readout reading={reading} site={site} codes={codes} />
      </div>
    </>
  );
}
