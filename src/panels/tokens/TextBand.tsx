import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { Found } from '../../state/page/selectors';
import { isConversation } from '../../state/reading/positions';
import { isEmpty, promptOf, promptSays } from '../../state/reading/prompt';
import { scaleOf } from '../../state/reading/select';
import { Failure } from '../../ui/Failure';
import { countRender } from '../render-count';
import { useBench, useReading, useShownFeature, useStale, useView } from '../use-workbench';
import { Chips } from './Chips';
import { ColourControls, ColourScale, EditKey, LinesKey } from './ColourBar';
import { PromptBox } from './PromptBox';
import { Readout } from './Readout';
import { Recorded } from './Recorded';
import { useCounted } from './use-counted';
import './tokens.css';
import { errorName } from '../../state/reading/error-name';

/** The text over the whole width: as it is typed, and as the model reads it. */
export function TextBand() {
  const bench = useBench();
  const error = useStore(bench.tracer.store, (s) => s.error);
  const found = useReading();
  const chat = useStore(bench.tracer.store, (s) => s.chat);
  // The conversation says it itself.
  const without = useStore(bench.engine.store, (s) => s.info?.chat === false);
  return (
    <section className="band text-band" aria-label="Text">
      <PromptBox />
      {error && !(chat && without) && (
        <Failure error={error} kept={found ? 'The text and the last trace are kept.' : 'The text is kept.'} />
      )}
      {found ? <Coloured {...found} /> : <Empty />}
    </section>
  );
}

function Empty() {
  const bench = useBench();
  const chat = useStore(bench.tracer.store, (s) => s.chat);
  const text = useStore(bench.tracer.store, (s) => (isEmpty(promptOf(s)) ? '' : promptSays(promptOf(s))));
  return (
    <>
      <div className="chips-frame">
        {text === '' ? (
          <p className="chips caption chips-none">
            {chat
              ? 'No words yet. Say something: the model reads it as its template writes it.'
              : 'No text. Type one, or choose an example.'}
          </p>
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
  const counted = useCounted(reading, site.layer);
  const stale = useStale() ? ' stale' : '';
  const feature = useShownFeature();
  const name = feature === null ? null : `${site.layer}:${feature}`;
  const error = errorName(site);
  const scale = useMemo(
    () => scaleOf(reading, codes, site, vocabulary, seen, { colour, scale: ends, ...counted }, feature),
    [reading, codes, site, vocabulary, seen, colour, ends, counted, feature],
  );
  return (
    <>
      <div className="chips-frame">
        <div className={stale}>
          <Chips
            reading={reading}
            scale={scale}
            feature={name}
            error={error.short}
            counted={counted}
            fvu={codes.fvu}
            vocabulary={vocabulary}
          />
        </div>
      </div>
      <div className={`colour-bar${stale}`}>
        <ColourControls error={error} conversation={isConversation(reading)} />
        <ColourScale scale={scale} feature={name} site={site} />
        <Readout reading={reading} site={site} codes={codes} />
        <p className="colour-notes">
          <LinesKey error={error} />
          <EditKey tokens={reading.count} />
          <Recorded />
        </p>
      </div>
    </>
  );
}
