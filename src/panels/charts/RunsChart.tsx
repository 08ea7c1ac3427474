import { nats } from '../../lens/maths/figures';
import { meanKl, type Stream } from '../../state/steering/measure';
import { plot, StillChart } from './StillChart';

const Runs = plot(() => import('./RunsPlot'));

const NAMES = ['first', 'second'];

/** KL(steered || baseline) along two runs, over one another. Null for runs of which none has two tokens: a line through
 *  one point is none. */
export function RunsChart({ runs }: { runs: readonly { steered: Stream | null }[] }) {
  const series = runs.flatMap(({ steered }, i) =>
    steered?.length ? [{ name: NAMES[i]!, mean: meanKl(steered), kl: steered.map(({ kl }) => kl) }] : [],
  );
  const n = Math.max(0, ...series.map(({ kl }) => kl.length));
  if (n < 2) return null;
  return (
    <>
      <h4>KL(steered || baseline) of each token, nats</h4>
      <StillChart
        name={`KL(steered || baseline) of each token, nats: ${series.map(({ name, mean }) => `${name} run, mean ${nats(mean)}`).join('; ')}`}
        height={144}
        columns={['token', ...series.map(({ name }) => name)]}
        rows={Array.from({ length: n }, (_, i) => [`${i + 1}`, ...series.map(({ kl }) => nats(kl[i]))])}
        plot={Runs}
      >
        {(Plot, size) => <Plot {...size} series={series} />}
      </StillChart>
    </>
  );
}
