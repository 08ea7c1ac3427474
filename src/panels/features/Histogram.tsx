import type { FeatureInfo } from '../../lens/api/feature';
import { count, figure, percent } from '../../lens/maths/figures';
import { heights, shareBelow, stepped } from './histogram';

const [WIDTH, HEIGHT] = [320, 24];

/** How a feature's firings are spread over (0, maximum], with a tick where the locked token stands among them. */
export function Histogram({ histogram, here }: { histogram: FeatureInfo['histogram']; here: number | null }) {
  if (!histogram) return <div className="histogram" />;
  const { counts, maximum } = histogram;
  const firings = counts.reduce((sum, n) => sum + n, 0);
  const tick = here !== null && here > 0 ? Math.min(1, here / maximum) * WIDTH : null;
  return (
    <div className="histogram">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${count(firings)} firings by latent, 0 to ${figure(maximum)}; heights are logarithmic`}
      >
        <path className="histogram-bars" d={stepped(heights(counts), WIDTH, HEIGHT)} />
        {tick !== null && (
          <line className="histogram-tick" x1={tick} x2={tick} y1="0" y2={HEIGHT} vectorEffect="non-scaling-stroke" />
        )}
      </svg>
      <p className="caption figures">
        <span>0</span>
        <span>
          {tick === null
            ? `${count(firings)} firings, log`
            : `this token ${figure(here!)}, above ${percent(shareBelow(counts, maximum, here!))} of ${count(firings)} firings`}
        </span>
        <span>{figure(maximum)}</span>
      </p>
    </div>
  );
}
