import { useId, useState } from 'react';
import { useStore } from 'zustand';
import type { VerbalizerInfo } from '../../lens/api/verbalizer';
import { bytesOf } from '../../lens/maths/figures';
import { selectPositions, selectTurnEnds } from '../../state/page/selectors';
import { SAMPLES, selectSource } from '../../state/words/state';
import { Choice } from '../../ui/Choice';
import { NumberBox } from '../../ui/NumberBox';
import { useBench, usePage, useView } from '../use-workbench';

const HOTTEST = 2;

/** The button and what it asks for; while it runs, how far it is. */
export function Ask({ info }: { info: VerbalizerInfo | null }) {
  const bench = useBench();
  const [open, setOpen] = useState(false);
  const settings = useId();
  const choice = useStore(bench.verbal.store, (s) => s.choice);
  const running = useStore(bench.verbal.store, (s) => s.run !== null);
  const lens = useStore(bench.engine.store, (s) => s.lens !== null);
  const greedy = (choice.temperature ?? info?.temperature) === 0;
  return (
    <>
      {/* The same line, whatever stands in it. */}
      <div className="ask">
        {running ? (
          <Running />
        ) : (
          <>
            <Press disabled={!lens} />
            <span
              className="ask-samples"
              title={
                greedy
                  ? 'At temperature 0 all samples are the same one'
                  : 'Texts drawn for each token; the best-scored is shown first'
              }
            >
              <span className="caption">samples</span>
              <Choice
                name="samples"
                label="Samples"
                options={SAMPLES.map((n) => ({ value: n, label: String(n) }))}
                value={greedy ? 1 : choice.samples}
                onChange={(samples) => bench.verbal.set({ samples })}
              />
            </span>
            <button
              type="button"
              className="bare caption"
              aria-expanded={open}
              aria-controls={settings}
              onClick={() => setOpen(!open)}
            >
              Settings
            </button>
          </>
        )}
      </div>
      <TurnEnds disabled={!lens || running} />
      <div id={settings}>{open && <Settings info={info} />}</div>
    </>
  );
}

function Press({ disabled }: { disabled: boolean }) {
  const bench = useBench();
  const several = usePage((page) => selectPositions(page).length);
  return (
    <button
      type="button"
      className="ask-button"
      data-testid="verbalize"
      disabled={disabled}
      title="Key: v"
      onClick={() => void bench.verbal.verbalize()}
    >
      {several > 1 ? `Verbalize ${several} tokens` : 'Verbalize'}
    </button>
  );
}

/** The last token of each turn, which has read all of it. */
function TurnEnds({ disabled }: { disabled: boolean }) {
  const bench = useBench();
  const layer = useStore(bench.verbal.store, (s) => selectSource(s)?.layer ?? s.choice.layer);
  const ends = usePage((page) => selectTurnEnds(page, layer).length);
  if (!ends) return null;
  return (
    <p className="ask-ends caption">
      <button
        type="button"
        data-testid="verbalize-ends"
        disabled={disabled}
        title="Of a part of the conversation where the list of features is over one"
        onClick={() => void bench.verbal.verbalize(selectTurnEnds(bench.page.getState(), layer))}
      >
        {ends === 1 ? 'Verbalize the turn’s end' : `Verbalize ${ends} turn ends`}
      </button>{' '}
      The last token that its speaker wrote has read the whole turn.
    </p>
  );
}

function Running() {
  const bench = useBench();
  const run = useStore(bench.verbal.store, (s) => s.run);
  const { total = 0, done = 0, loading = null } = run ?? {};
  const share = loading?.total ? loading.loaded / loading.total : total ? done / total : 0;
  return (
    <div className="ask-running figures" data-testid="verbal-progress">
      <button type="button" className="ask-button" onClick={() => bench.verbal.cancel()}>
        Cancel
      </button>
      <span className="caption">
        {loading
          ? `Loading ${bytesOf(loading.loaded, loading.total)}`
          : total > 1
            ? `${done} of ${total} tokens`
            : 'Writing'}
      </span>
      <span className="stage-rule">
        <span style={{ width: `${Math.min(1, share) * 100}%` }} />
      </span>
    </div>
  );
}

/** What is rarely changed: source, layer, seed, temperature. */
function Settings({ info }: { info: VerbalizerInfo | null }) {
  const bench = useBench();
  const infos = useStore(bench.verbal.store, (s) => s.infos);
  const choice = useStore(bench.verbal.store, (s) => s.choice);
  const sites = useStore(bench.engine.store, (s) => s.info?.sites);
  const site = useView((s) => s.site);
  const id = useId();
  return (
    <div className="ask-settings" data-testid="verbal-settings">
      <label htmlFor={id} className="caption">
        Source
      </label>
      <select
        id={id}
        value={info?.source ?? ''}
        onChange={(event) =>
          bench.verbal.set({ source: event.target.value as VerbalizerInfo['source'], temperature: null })
        }
      >
        {infos?.map(({ source, name }) => (
          <option key={source} value={source}>
            {name}
          </option>
        ))}
      </select>
      <span className="caption">Layer</span>
      {info?.layer !== null && info ? (
        <span className="figures">{info.layer}, the one it was trained to read</span>
      ) : (
        <Choice
          name="verbal-site"
          label="Layer to read"
          options={(sites ?? []).map(({ layer }) => ({ value: layer, label: String(layer) }))}
          value={choice.layer ?? site}
          onChange={(layer) => bench.verbal.set({ layer })}
        />
      )}
      <span className="caption">Seed</span>
      <NumberBox
        label="Seed of the words"
        value={choice.seed}
        digits={0}
        step={1}
        min={0}
        max={2 ** 32 - 1}
        onCommit={(seed) => bench.verbal.set({ seed: Math.round(seed) })}
      />
      <span className="caption">Temperature</span>
      <span>
        <NumberBox
          label="Temperature of the words"
          value={choice.temperature ?? info?.temperature ?? 0}
          digits={2}
          step={0.1}
          min={0}
          max={HOTTEST}
          onCommit={(temperature) => bench.verbal.set({ temperature })}
        />{' '}
        <span className="caption">0 is greedy</span>
      </span>
    </div>
  );
}
