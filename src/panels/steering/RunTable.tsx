import { count, fixed, nats, percent } from '../../lens/maths/figures';
import { generatedChange, meanKl, perplexity, type Stream, type Verdict, verdict } from '../../state/steering/measure';
import type { RunState } from '../../state/steering/run';

/** The run in numbers, a row a text. */
export function RunTable({ run }: { run: RunState }) {
  const { streams } = run;
  if (!streams?.steered)
    return (
      <p className="caption">
        {streams
          ? 'Baseline only: no edit is on.'
          : 'Nothing generated yet. Ctrl-Enter in the text, or release a slider.'}
      </p>
    );
  return (
    <table className="run-table figures">
      <thead>
        <tr>
          <th>text</th>
          <th title="Mean over the generated tokens, whole vocabulary, equal prefix">KL, nats</th>
          <th title="Perplexity: exp of the mean surprisal under the unedited model at equal prefix">ppl</th>
          <th>n</th>
          <th title="Generated tokens the edits acted on">acted</th>
          <th title="|change| against the residual norm over the tokens acted on, ratio of sums">change</th>
        </tr>
      </thead>
      <tbody>
        <Row name="baseline" stream={streams.baseline} />
        <Row name="steered" stream={streams.steered} />
        {streams.control && <Row name="control" stream={streams.control} />}
      </tbody>
    </table>
  );
}

function Row({ name, stream }: { name: 'baseline' | 'steered' | 'control'; stream: Stream }) {
  const ppl = perplexity(stream);
  const change = name === 'baseline' ? null : generatedChange(stream);
  return (
    <tr className={`row-${name}`}>
      <th scope="row">{name}</th>
      <Figure says={nats(meanKl(stream))} />
      <Figure says={ppl && ppl.value >= 1000 ? count(Math.round(ppl.value)) : fixed(ppl?.value, 1)} />
      <Figure says={String(ppl?.n ?? 0)} />
      <Figure says={change ? `${change.acted}/${change.of}` : '–'} />
      <Figure says={change ? percent(change.share) : '–'} />
    </tr>
  );
}

/** A right-aligned number that changes in place. Each value gets a new node, since a text that grows to the left counts
 *  as a layout shift. */
function Figure({ says }: { says: string }) {
  return (
    <td>
      <span key={says}>{says}</span>
    </td>
  );
}

/** What the table's headings mean, in sight. It stands above what grows with a run. */
export function Terms({ run }: { run: RunState }) {
  return (
    run.streams?.steered && (
      <p className="caption">
        KL: of the edited from the unedited model. ppl: under the unedited model. acted: tokens edited. change: of the
        residual norm there.
      </p>
    )
  );
}

/** What a verdict says. A KL measures size, not kind: where it does not exceed the control's, the texts still have to
 *  be read. */
export function verdictSays({ steered, control, draws, beyond, acted, of }: Verdict): string {
  // An edit of the prompt alone acts on no generated token and still moves them.
  if (acted === 0 && steered < 0.0005) return `The edit acted on 0 of ${of} generated tokens: nothing to compare.`;
  const size = `Mean KL ${nats(steered)}`;
  if (beyond)
    return `${size}, more than each of ${draws} random draws of the same change (at most ${nats(control)}). KL says how far, not where to: read the texts.`;
  return `${size}, not above the largest of ${draws} random draws (${nats(control)}): in size no more than chance. KL says how far, not where to: read the texts, or count over many.`;
}

/** The verdict once all draws are in; before that, how far they are. */
export function Band({ run }: { run: RunState }) {
  const { streams, band, status, plan } = run;
  if (!streams?.steered) return null;
  if (!streams.control)
    return (
      <p className="caption" data-testid="band">
        Control is off: no statement about the effect.
      </p>
    );
  const result = verdict(streams.steered, streams.control, band);
  const waiting = {
    band: 'Drawing 7 further controls.',
    generating: '',
    stopped: 'Stopped: no band.',
    idle: '',
    done: '',
  }[status];
  if (!result)
    return (
      <p className="caption" data-testid="band">
        {waiting}
      </p>
    );
  return (
    <p className="caption figures" data-testid="band" data-draws={result.draws}>
      {verdictSays(result)}
      {run.mass < 0.9999 &&
        plan &&
        plan.sampling.topP > run.mass &&
        ` The sampler saw ${percent(run.mass)} of the probability.`}
    </p>
  );
}
