import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { streamTitle } from '../../state/base/view';
import { chosenRow, MOST_ROWS } from '../../state/steering/edits';
import { Failure } from '../../ui/Failure';
import { useMedia } from '../../ui/use-media';
import { useAnswered, useBench, useFull, useView } from '../use-workbench';
import { JointChanges } from './Changes';
import { EditRowView } from './EditRowView';
import { KlPanel } from './KlPanel';
import { NextToken } from './Preview';
import { usePacedRun } from './pace';
import { RecipeBar } from './RecipeBar';
import { RunExport } from './RunExport';
import { Outcome, RunTable } from './RunTable';
import { SamplingBar } from './SamplingBar';
import { StepReadout } from './StepReadout';
import { Divergence, Streams } from './Streams';
import { createSteps, StepsContext } from './steps';
import './edits.css';
import './marks.css';
import './steering.css';
import './streams.css';

/** Loaded when a token is first locked. */
const StreamAlternatives = lazy(() => import('../alternatives/StreamAlternatives'));

/** Edits, what they do to the next token, and what they do to the text, beside a control. */
export function Steering() {
  return (
    <section className="region steering" aria-labelledby="steering-title">
      <div className="region-head">
        <h2 id="steering-title">Steering</h2>
        <EditCount />
        <RecipeBar />
        <ControlSwitch />
      </div>
      <Edits />
      <SamplingBar />
      <Run />
    </section>
  );
}

function Edits() {
  const bench = useBench();
  const rows = useStore(bench.steering.store, (s) => s.rows);
  const full = useFull();
  const choose = useCallback((edit: number) => bench.view.set({ edit }), [bench]);
  const picked = useView((s) => s.edit);
  const before = useRef(rows.length);
  // The row that came last is the one in hand.
  useEffect(() => {
    if (rows.length > before.current) bench.view.set({ edit: rows.at(-1)!.key });
    before.current = rows.length;
  }, [bench, rows]);
  if (!rows.length)
    return (
      <p className="empty edits-empty">
        No edit. Press Steer beside a feature: it becomes a row, with a strength inside what the feature does by itself.
      </p>
    );
  const chosen = chosenRow(rows, picked)?.key;
  return (
    <>
      <ol className="edits">
        {rows.map((row, i) => (
          <EditRowView key={row.key} row={row} index={i} chosen={row.key === chosen} onChoose={choose} />
        ))}
      </ol>
      <JointChanges />
      {full && (
        <p className="caption">{MOST_ROWS} edits, the most there can be. Remove one to steer another feature.</p>
      )}
    </>
  );
}

function EditCount() {
  const count = useStore(useBench().steering.store, (s) => s.rows.length);
  return count > 1 && <span className="caption figures">{count} edits</span>;
}

function ControlSwitch() {
  const bench = useBench();
  const control = useStore(bench.steering.store, (s) => s.control);
  const draw = useStore(bench.steering.store, (s) => s.draw);
  const act = (change: () => void) => {
    change();
    bench.commit();
  };
  return (
    <span className="control-switch">
      <label className="switch">
        <input
          type="checkbox"
          checked={control}
          onChange={(event) => act(() => bench.steering.setControl(event.target.checked))}
        />
        Random control
      </label>
      <button
        type="button"
        disabled={!control}
        aria-label="Another random control"
        onClick={() => act(() => bench.steering.redraw())}
      >
        Another
      </button>
      <span className="caption figures">no. {draw}</span>
    </span>
  );
}

/** The run. What streams is drawn by its own parts, each only as often as it must be. */
function Run() {
  const bench = useBench();
  const status = useStore(bench.runner.store, (s) => s.status);
  const stale = useStore(bench.runner.store, (s) => s.stale);
  const recorded = useStore(bench.runner.store, (s) => s.recorded);
  const failed = useStore(bench.runner.store, (s) => s.error);
  // What the text itself is refused for stands under it already.
  const text = useStore(bench.tracer.store, (s) => s.error?.message);
  const error = failed?.message === text ? null : failed;
  const any = useStore(bench.runner.store, (s) => s.streams !== null);
  const [steps] = useState(createSteps);
  const running = status === 'generating' || status === 'band';
  const answered = useAnswered();
  return (
    <StepsContext value={steps}>
      <div className="run-views">
        <NextToken />
        <KlPanel />
      </div>
      <div className="run-note step-note">
        <p className="caption figures">
          {stale && !running && (
            <span data-testid="run-stale" style={{ color: 'var(--ink)' }}>
              {answered
                ? 'The conversation ends with an answer. Say something next, or press Continue.'
                : 'Out of date: text or edits have changed. Generate again.'}{' '}
            </span>
          )}
          <StepReadout />
          {recorded && <span className="recorded"> · recorded</span>}
        </p>
      </div>
      {error && (
        <Failure
          error={error}
          kept="Text and edits are kept."
          action={{ label: 'Generate again', run: () => void bench.generate() }}
        />
      )}
      <div
        className={stale ? 'run stale' : 'run'}
        data-testid="run"
        data-status={status}
        data-stale={stale}
        data-recorded={recorded}
      >
        {any ? (
          <>
            <Sentence />
            <Streams>
              <Locked />
              <Figures />
            </Streams>
            <Findings />
          </>
        ) : (
          <p className="caption">Nothing generated yet. Ctrl-Enter in the text, or release a slider.</p>
        )}
      </div>
    </StepsContext>
  );
}

/** Where Features does not stand beside, the alternatives of the locked token stand here. */
function Locked() {
  const narrow = useMedia('(max-width: 719px)');
  const generated = useView((s) => s.generated);
  return (
    narrow &&
    generated && (
      <>
        <h3>
          {streamTitle[generated.stream]}, token {generated.index + 1}
        </h3>
        <Suspense fallback={null}>
          <StreamAlternatives {...generated} />
        </Suspense>
      </>
    )
  );
}

function Sentence() {
  return <Outcome run={usePacedRun()} />;
}

function Figures() {
  return <RunTable streams={usePacedRun().streams} />;
}

function Findings() {
  const run = usePacedRun();
  return (
    <div className="run-note">
      {run.streams && run.plan && <Divergence streams={run.streams} maxTokens={run.plan.sampling.maxTokens} />}
      <RunExport run={run} />
    </div>
  );
}
