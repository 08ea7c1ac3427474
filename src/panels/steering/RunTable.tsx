import { nats, percent, ppl } from '../../lens/maths/figures';
import { generatedChange, meanKl, outcome, perplexity, type Stream } from '../../state/steering/measure';
import type { RunState } from '../../state/steering/run';
import { Term } from '../../ui/Term';
import { outcomeSays } from './outcome-says';

type Shown = Pick<RunState, 'streams' | 'band' | 'status' | 'mass' | 'plan'>;

/** The run in numbers, a row a text. Columns have room for any figure: an uncut one would run into the next. */
export function RunTable({ streams }: Pick<Shown, 'streams'>) {
  if (!streams) return null;
  if (!streams.steered) return <p className="caption">Baseline only: no edit is on.</p>;
  return (
    <table className="run-table figures">
      <thead>
        <tr>
          <th scope="col">text</th>
          <th scope="col" title="Mean KL(text’s own model || baseline model) over its tokens, whole vocabulary">
            <Term id="kl" />, nats
          </th>
          <th scope="col" title="Perplexity under the unedited model">
            <Term id="perplexity">ppl</Term>
          </th>
          <th scope="col" title="Generated tokens">
            n
          </th>
          <th scope="col" title="Generated tokens that the edits acted on">
            acted
          </th>
          <th
            scope="col"
            title="|change| ÷ residual norm over the tokens acted on, ratio of sums, attention sinks left out"
          >
            change
          </th>
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
  const change = name === 'baseline' ? null : generatedChange(stream);
  return (
    <tr className={`row-${name}`}>
      <th scope="row">{name}</th>
      <Figure says={nats(meanKl(stream))} />
      <Figure says={ppl(perplexity(stream)?.value)} />
      <Figure says={String(stream.length)} />
      <Figure says={change ? String(change.acted) : '–'} />
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

/** The run in a sentence, above its texts, once all draws are in; before that, how far they are. The note that opens
 *  says what the measures mean and what they do not. */
export function Outcome({ run }: { run: Shown }) {
  const { streams, band, status, plan, mass } = run;
  if (!streams?.steered) return null;
  const found = streams.control && outcome(streams.steered, streams.control, band);
  const sees = mass < 0.9999 && plan !== null && plan.sampling.topP > mass;
  return (
    <div className="outcome">
      <p className="figures" data-testid="band" data-draws={found?.draws}>
        {found
          ? outcomeSays(found, {
              baseline: perplexity(streams.baseline)?.value ?? null,
              steered: perplexity(streams.steered)?.value ?? null,
              control: perplexity(streams.control!)?.value ?? null,
            })
          : streams.control
            ? waiting[status]
            : 'Control is off: no random change to compare with.'}
        {found && sees && ` The sampler saw ${percent(mass)} of the probability.`}
      </p>
      <details className="caption">
        <summary>How to read this</summary>
        <p>
          KL(steered || baseline), on the text’s own tokens, is how far the edited model’s next-token probabilities are
          from the unedited model’s after the same preceding text, over all tokens. It says how far, not where to. At
          equal |change| a lower KL with the same outcome is the better edit.
        </p>
        <p>
          Perplexity is that of each text under the unedited model. Far above the baseline’s, the text is broken; random
          changes often break it. Acted: generated tokens that the edits acted on. Change: |change| of the residual norm
          there.
        </p>
        <p>One run is one text. What an edit does, a count over many prompts shows.</p>
      </details>
    </div>
  );
}

const waiting: Record<RunState['status'], string> = {
  band: 'Drawing 7 further controls.',
  generating: '',
  stopped: 'Stopped: no further controls were drawn.',
  idle: '',
  done: '',
};
