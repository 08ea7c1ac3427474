import { type PointerEvent, useMemo, useRef } from 'react';
import { nats } from '../../lens/maths/figures';
import { useWidth } from '../../ui/use-width';
import { useView } from '../use-workbench';
import { KlChart } from './KlChart';
import { type KlPoint, klPoints, pointAt, xOf } from './kl-series';
import { usePacedRun } from './pace';
import { usePoint, useStep } from './steps';

const HEIGHT = 144;

/** The effect against its controls over the generated text; the read-out below, fixed in place, gives the band's
 *  values; those of the texts stand with their tokens. */
export function KlPanel() {
  const { streams, band, stale } = usePacedRun();
  const points = useMemo(() => (streams ? klPoints(streams, band) : []), [streams, band]);
  // An empty chart under a title says nothing.
  if (!points.length) return null;
  return (
    <div className={stale ? 'kl stale' : 'kl'}>
      <h3>
        KL(<span className="steered">steered</span> || baseline) of each token, nats
      </h3>
      <Frame points={points} draws={band?.length ?? 0} />
      <Readout points={points} />
    </div>
  );
}

/** The chart, as wide as its column, and the cursors over it. */
function Frame({ points, draws }: { points: readonly KlPoint[]; draws: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const point = usePoint();
  const over = (event: PointerEvent) => {
    const box = frame.current!.getBoundingClientRect();
    point(pointAt(event.clientX - box.left, width, points.length));
  };
  return (
    <div
      ref={frame}
      className="kl-frame"
      data-testid="kl"
      data-points={points.length}
      style={{ height: HEIGHT }}
      onPointerMove={over}
      onPointerLeave={() => point(null)}
    >
      {points.length === 1 ? (
        <OnlyToken point={points[0]!} />
      ) : (
        <>
          {width > 0 && <KlChart points={points} draws={draws} width={width} height={HEIGHT} />}
          <Cursors n={points.length} width={width} />
        </>
      )}
    </div>
  );
}

/** One token is no line: its figures, in a line each. */
function OnlyToken({ point: { steered, control, band } }: { point: KlPoint }) {
  return (
    <dl className="kl-only figures">
      <dt className="steered">steered</dt>
      <dd>{nats(steered)}</dd>
      {control !== undefined && (
        <>
          <dt>control</dt>
          <dd>{nats(control)}</dd>
        </>
      )}
      {band && (
        <>
          <dt>further draws</dt>
          <dd>
            {nats(band[0])} to {nats(band[1])}
          </dd>
        </>
      )}
    </dl>
  );
}

/** The locked token's hairline and the pointer's ghost of it. They lie over the chart, which is not drawn again as they
 *  move. */
function Cursors({ n, width }: { n: number; width: number }) {
  const step = useStep((now) => now);
  const locked = useView((s) => s.generated?.index ?? null);
  const there = (i: number | null) => i !== null && i < n;
  return (
    <>
      {there(locked) && <i className="kl-cursor" style={{ left: xOf(locked!, width, n) }} />}
      {there(step) && step !== locked && (
        <i className="kl-cursor kl-cursor-step" style={{ left: xOf(step!, width, n) }} />
      )}
    </>
  );
}

function Readout({ points }: { points: readonly KlPoint[] }) {
  const locked = useView((s) => s.generated?.index ?? null);
  const step = useStep((now) => now) ?? locked;
  const point = step === null ? undefined : points[step];
  return (
    <p className="caption figures">
      {point?.band
        ? `token ${point.token}: band ${nats(point.band[0])} to ${nats(point.band[1])}`
        : 'Over all tokens, after the same preceding text.'}
    </p>
  );
}
