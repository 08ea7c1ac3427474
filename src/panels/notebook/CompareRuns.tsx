import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { nats, percent, ppl } from '../../lens/maths/figures';
import { STREAMS, streamTitle } from '../../state/base/view';
import { type RunRecord, type RunRow, runId, runOutcome } from '../../state/notebook/record';
import { bringBack } from '../../state/page/notebook-runs';
import { promptSays, samePrompt } from '../../state/reading/prompt';
import { generatedChange, meanKl, perplexity } from '../../state/steering/measure';
import { TableExport } from '../../ui/TableExport';
import { TokenText } from '../../ui/TokenText';
import { RunsChart } from '../charts/RunsChart';
import { rangeSays } from '../steering/outcome-says';
import { escaped } from '../steering/stop-escapes';
import { tokenTable } from '../tables';
import { useBench } from '../use-workbench';
import { compareRuns, editSays, partsAt } from './compare';
import { resultSays, timeSays } from './Runs';

type Pair = [RunRecord, RunRecord];

/** Two runs side by side. What differs between their plans comes first: only that can be why their texts do. */
export function CompareRuns({ runs, onBack }: { runs: Pair; onBack: () => void }) {
  const { differs, same } = compareRuns(...runs);
  const [one, other] = runs;
  const shared = samePrompt(one.plan.prompt, other.plan.prompt);
  const back = useRef<HTMLButtonElement>(null);
  // What was pressed to come here is gone.
  useEffect(() => back.current?.focus(), []);
  return (
    <section aria-labelledby="compared" data-testid="compared">
      <div className="notebook-side-head">
        <h3 id="compared">Two runs</h3>
        <button type="button" ref={back} onClick={onBack}>
          Back to the notebook
        </button>
      </div>
      <p data-testid="differs">
        <strong>{differs.length ? `Differs: ${differs.join('; ')}.` : 'Nothing differs: the same plan.'}</strong>
        {same.length > 0 && <span className="caption"> The same: {same.join(', ')}.</span>}
      </p>
      {shared && <p className="compared-prompt">{promptSays(one.plan.prompt)}</p>}
      <div className="compared">
        {runs.map((run, i) => (
          <Head key={runId(run)} run={run} nth={i + 1} prompt={!shared} />
        ))}
        {STREAMS.map((kind) => {
          const texts = runs.map((run) => run[kind]);
          if (!texts[0] && !texts[1]) return null;
          const at = texts[0] && texts[1] ? partsAt(texts[0], texts[1]) : null;
          return texts.map((rows, i) => (
            <Text
              key={`${kind} ${runId(runs[i]!)}`}
              kind={kind}
              title={streamTitle[kind]}
              nth={i + 1}
              rows={rows}
              at={at}
            />
          ));
        })}
      </div>
      <Figures runs={runs} />
      <RunsChart runs={runs} />
    </section>
  );
}

function Head({ run, nth, prompt }: { run: RunRecord; nth: number; prompt: boolean }) {
  const bench = useBench();
  const open = useStore(bench.engine.store, (s) => s.info !== null);
  const { edits, sampling, control, draw } = run.plan;
  const { temperature, topP, seed, maxTokens, repetitionPenalty, stop } = sampling;
  return (
    <div>
      <div className="notebook-side-head">
        <h4 className="figures">
          {nth === 1 ? 'First' : 'Second'}, {timeSays(run.at)}
        </h4>
        <TableExport
          of={`the ${nth === 1 ? 'first' : 'second'} run token by token`}
          testId={`save-run-${nth}`}
          table={() => tokenTable(run)}
        />
        <button
          type="button"
          aria-label={`Bring back the ${nth === 1 ? 'first' : 'second'} run`}
          disabled={!open}
          onClick={() => void bringBack(bench, run)}
        >
          Bring back
        </button>
      </div>
      {prompt && <p className="compared-prompt">{promptSays(run.plan.prompt)}</p>}
      <p className="figures">{edits.length ? edits.map(editSays).join('; ') : 'No edit'}</p>
      <p className="caption figures">
        temperature {temperature}, top-p {topP}, seed {seed}, {maxTokens} tokens
        {repetitionPenalty !== undefined && `, repetition penalty ${repetitionPenalty}`}
        {stop && `, stops at ${stop.map((text) => `“${escaped(text)}”`).join(' ')}`};{' '}
        {control ? `control draw ${draw}` : 'control off'}
      </p>
    </div>
  );
}

/** A text; from where the two part on, underlined. */
function Text({
  kind,
  title,
  nth,
  rows,
  at,
}: {
  kind: string;
  title: string;
  nth: number;
  rows: readonly RunRow[] | null;
  at: number | null;
}) {
  return (
    <div className={`stream stream-${kind}`}>
      <h4>
        {title}, {nth === 1 ? 'first' : 'second'}
      </h4>
      {rows ? (
        <p className="compared-text mono">
          {rows.slice(0, at ?? rows.length).map(token)}
          {at !== null && <span className="compared-parted">{rows.slice(at).map(token)}</span>}
        </p>
      ) : (
        <p className="empty">None in this run.</p>
      )}
    </div>
  );
}

// A generated token has no identity but its place.
const token = ({ text }: RunRow, i: number) => <TokenText key={`${i}`} text={text} />;

/** The figures of both runs, a row a quantity, the unit in its name. */
function Figures({ runs }: { runs: Pair }) {
  const change = (run: RunRecord) => (run.steered ? generatedChange(run.steered) : null);
  const lines: [string, (run: RunRecord) => string][] = [
    ['mean KL(steered || baseline), nats', ({ steered }) => nats(steered && meanKl(steered))],
    ['mean KL(control || baseline), nats', ({ control }) => nats(control && meanKl(control))],
    ['all random draws, nats', (run) => rangeSays(runOutcome(run))],
    ['perplexity of baseline', ({ baseline }) => ppl(perplexity(baseline)?.value)],
    ['perplexity of steered, unedited model', ({ steered }) => ppl(steered && perplexity(steered)?.value)],
    ['perplexity of control, unedited model', ({ control }) => ppl(control && perplexity(control)?.value)],
    ['tokens acted on', (run) => (change(run) ? `${change(run)!.acted} of ${change(run)!.of}` : '–')],
    ['change, of the residual norm there', (run) => (change(run) ? percent(change(run)!.share) : '–')],
  ];
  return (
    <div className="compared-scroll">
      <table className="compared-figures figures">
        <thead>
          <tr>
            <th scope="col">generated tokens</th>
            <th scope="col">first</th>
            <th scope="col">second</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(([name, says]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{says(runs[0])}</td>
              <td>{says(runs[1])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="caption figures">First: {resultSays(runs[0])}.</p>
      <p className="caption figures">Second: {resultSays(runs[1])}.</p>
    </div>
  );
}
