import type { FeatureInfo } from '../../lens/api/feature';
import { count, figure, percent } from '../../lens/maths/figures';
import { plot, StillChart } from '../charts/StillChart';
import { shareBelow } from './histogram';

const Firings = plot(() => import('../charts/HistogramPlot'));

const HEIGHT = 72;

/** How a feature's firings are spread over (0, maximum], with a tick where the locked token stands among them. */
export function Histogram({ histogram, here }: { histogram: FeatureInfo['histogram']; here: number | null }) {
  if (!histogram) return <div className="histogram" />;
  const { maximum } = histogram;
  const counts = Array.from(histogram.counts);
  const firings = counts.reduce((sum, n) => sum + n, 0);
  const at = here !== null && here > 0 ? here : null;
  const edge = (i: number) => figure((i / counts.length) * maximum);
  return (
    <div className="histogram">
      <StillChart
        name={`${count(firings)} firings by activation, 0 to ${figure(maximum)}; heights are logarithmic`}
        height={HEIGHT}
        columns={['activation', 'firings']}
        rows={counts.map((n, i) => [`${edge(i)} to ${edge(i + 1)}`, count(n)])}
        summary={
          at === null
            ? `${count(firings)} firings by activation, log`
            : `This token ${figure(at)}, above ${percent(shareBelow(counts, maximum, at))} of ${count(firings)} firings`
        }
        plot={Firings}
      >
        {(Plot, size) => <Plot {...size} counts={counts} maximum={maximum} here={at} />}
      </StillChart>
    </div>
  );
}
