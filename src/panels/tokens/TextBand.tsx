import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { Found } from '../../state/page/selectors';
import { isConversation } from '../../state/reading/positions';
import { isEmpty, promptOf, promptSays } from '../../state/reading/prompt';
import { scaleOf, surprisalScale } from '../../state/reading/select';
import type { Reading } from '../../state/reading/trace';
import { Failure } from '../../ui/Failure';
import { countRender } from '../render-count';
import { useBare, useBench, useReading, useShownFeature, useStale, useView } from '../use-workbench';
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
  const bare = useBare();
  const chat = useStore(bench.tracer.store, (s) => s.chat);
  // The conversation says it itself.
  const without = useStore(bench.engine.store, (s) => s.info?.chat === false);
  return (
    <section className="band text-band" aria-label="Text">
      <PromptBox />
      {error && !(chat && without) && (
        <Failure error={error} kept={found || bare ? 'The text and the last trace are kept.' : 'The text is kept.'} />
      )}
      {found && <Coloured {...found} />}
      {bare && <Bare reading={bare} />}
      {!found && !bare && <Empty />}
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
            colour={colour}
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
        <ColourScale colour={colour} scale={scale} feature={name} site={site} />
        <Readout reading={reading} at={{ site, codes }} />
        <p className="colour-notes">
          <LinesKey error={error} />
          <EditKey tokens={reading.count} />
          <Recorded />
        </p>
      </div>
    </>
  );
}

/** Without a dictionary there are neither features nor what they leave out: the colour is the model's surprise. */
function Bare({ reading }: { reading: Reading }) {
  countRender('text');
  const vocabulary = useStore(useBench().engine.store, (s) => s.info?.vocabulary ?? 1);
  const ends = useView((s) => s.scale);
  const counted = useCounted(reading, null);
  const stale = useStale() ? ' stale' : '';
  const scale = useMemo(
    () => surprisalScale(reading, vocabulary, { scale: ends, ...counted }),
    [reading, vocabulary, ends, counted],
  );
  return (
    <>
      <div className="chips-frame">
        <div className={stale}>
          <Chips
            reading={reading}
            colour="surprisal"
            scale={scale}
            feature={null}
            error=""
            counted={counted}
            fvu={null}
            vocabulary={vocabulary}
          />
        </div>
      </div>
      <div className={`colour-bar${stale}`}>
        <ColourControls error={null} conversation={isConversation(reading)} />
        <ColourScale colour="surprisal" scale={scale} feature={null} site={null} />
        <Readout reading={reading} at={null} />
      </div>
    </>
  );
}
