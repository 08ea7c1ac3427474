import { lazy, Suspense, useMemo, useRef } from 'react';
import type { RunState } from '../../state/run';
import { fixed } from '../../ui/format';
import { useWidth } from '../../ui/use-width';
import { type KlPoint, klPoints } from './kl-series';

const KlChart = lazy(() => import('./KlChart'));
const HEIGHT = 176;

/** The effect against its controls over the generated text; the read-out below is fixed in place. */
export function KlPanel({ run, step, onStep }: { run: RunState; step: number | null; onStep: (step: number | null) => void }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const { streams, band } = run;
  const points = useMemo(() => (streams ? klPoints(streams, band) : []), [streams, band]);
  return (
    <div className="kl">
      <h3>KL of steered from base, nats</h3>
      <div ref={frame} className="kl-frame" data-testid="kl" data-points={points.length} style={{ height: HEIGHT }}>
        {points.length > 0 && width > 0 && (
          <Suspense fallback={null}>
            <KlChart points={points} width={width} height={HEIGHT} step={step} onStep={onStep} />
          </Suspense>
        )}
      </div>
      <p className="caption figures">{readout(points, step)}</p>
    </div>
  );
}

function readout(points: readonly KlPoint[], step: number | null): string {
  if (!points.length) return 'Whole vocabulary, equal prefix, per generated token.';
  const point = step === null ? undefined : points[step];
  if (!point) return 'Point at a token to read its values.';
  const band = point.band ? `, band ${fixed(point.band[0], 3)} to ${fixed(point.band[1], 3)}` : '';
  return `token ${point.token}: steered ${fixed(point.steered, 3)}, control ${fixed(point.control, 3)}${band}`;
}
