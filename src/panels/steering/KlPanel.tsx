import { lazy, Suspense, useMemo, useRef } from 'react';
import type { RunState } from '../../state/run';
import { nats } from '../../ui/format';
import { useWidth } from '../../ui/use-width';
import { type KlPoint, klPoints } from './kl-series';

const KlChart = lazy(() => import('./KlChart'));
const HEIGHT = 176;

/** The effect against its controls over the generated text; the read-out below, fixed in place, gives the band's values; those of the texts stand with their tokens. */
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
            <KlChart points={points} draws={band?.length ?? 0} width={width} height={HEIGHT} step={step} onStep={onStep} />
          </Suspense>
        )}
      </div>
      <p className="caption figures">{readout(points, step)}</p>
    </div>
  );
}

function readout(points: readonly KlPoint[], step: number | null): string {
  const point = step === null ? undefined : points[step];
  if (!point?.band) return 'Whole vocabulary, equal prefix.';
  return `token ${point.token}: band ${nats(point.band[0])} to ${nats(point.band[1])}`;
}
