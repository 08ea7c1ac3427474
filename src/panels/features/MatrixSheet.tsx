import { memo, type PointerEvent, useLayoutEffect, useMemo, useRef } from 'react';
import { type Chip, chipAt } from '../../state/reading/chips';
import { selectionOf } from '../../state/reading/selection';
import type { Reading } from '../../state/reading/trace';
import { useColours } from '../../ui/use-colours';
import { countRender } from '../render-count';
import { createDrag } from '../tokens/drag';
import { useBench, useView } from '../use-workbench';
import { pixelsOf, positionAt, runsOf } from './matrix-layout';

/** Space above and below a row's cells, in CSS pixels. */
const INSET = 3;
const COLOURS = ['--activation', '--unexplained'] as const;

/** All rows' cells on one canvas, the last row in the error's colour; over it the cursors, which move without it being
 *  drawn again. */
export const MatrixSheet = memo(function MatrixSheet({
  reading,
  strips,
}: {
  reading: Reading;
  strips: readonly Float32Array[];
}) {
  countRender('matrix-sheet');
  const { view } = useBench();
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useColours(COLOURS);
  useLayoutEffect(() => {
    const element = canvas.current!;
    const observer = new ResizeObserver(([entry]) => draw(element, pixelSize(entry!), strips, colours));
    try {
      observer.observe(element, { box: 'device-pixel-content-box' });
    } catch {
      observer.observe(element); // not every browser knows a canvas's size in device pixels
    }
    return () => observer.disconnect();
  }, [strips, colours]);

  const drag = useMemo(() => createDrag(view), [view]);
  /** First position of the chip under the pointer: what is locked is a chip. */
  const under = (event: PointerEvent | React.MouseEvent): number | null => {
    const box = event.currentTarget.getBoundingClientRect();
    return chipAt(reading.chips, positionAt(event.clientX - box.left, box.width, reading.count))?.from ?? null;
  };
  return (
    // The chips above are the keyboard's way to lock a token; here the pointer does.
    <div
      className="matrix-sheet"
      aria-hidden="true"
      style={{ '--shown': strips.length } as React.CSSProperties}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        // A drag selects tokens, not the labels beside them.
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.down(under(event));
      }}
      onPointerMove={(event) => {
        const position = under(event);
        view.hover(position);
        if (event.buttons & 1) drag.move(position);
      }}
      onPointerUp={() => drag.up()}
      onPointerCancel={() => drag.up()}
      onPointerLeave={() => view.hover(null)}
      onClick={(event) => drag.click(under(event), event.shiftKey)}
    >
      <canvas ref={canvas} />
      <Selected reading={reading} />
      <Cursor reading={reading} kind="hover" />
      <Cursor reading={reading} kind="locked" />
    </div>
  );
});

/** A canvas's size in device pixels. */
function pixelSize(entry: ResizeObserverEntry): { width: number; height: number } {
  const [size] = entry.devicePixelContentBoxSize ?? [];
  if (size) return { width: size.inlineSize, height: size.blockSize };
  const { width, height } = entry.contentRect;
  return { width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) };
}

function draw(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
  strips: readonly Float32Array[],
  colours: readonly string[],
): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context || !width) return;
  const [activation, error] = colours as [string, string];
  for (const [row, strengths] of strips.entries()) {
    const top = Math.round((row * height) / strips.length + INSET * devicePixelRatio);
    const bottom = Math.round(((row + 1) * height) / strips.length - (INSET + 1) * devicePixelRatio);
    context.fillStyle = row === strips.length - 1 ? error : activation;
    for (const { from, to, strength } of runsOf(
      pixelsOf(strengths, width, Math.max(1, Math.round(devicePixelRatio))),
    )) {
      context.globalAlpha = strength;
      context.fillRect(from, top, to - from, bottom - top);
    }
  }
}

/** Share of the width, as CSS has it, at which positions `from` to `to` stand. */
const place = (from: number, to: number, count: number) => ({
  left: `${(100 * from) / count}%`,
  width: `${(100 * (to - from + 1)) / count}%`,
});

function Cursor({ reading: { chips, count }, kind }: { reading: Reading; kind: 'hover' | 'locked' }) {
  const position = useView((s) => s[kind]);
  const chip: Chip | null = chipAt(chips, position);
  return chip && <i className={`cursor cursor-${kind}`} style={place(chip.from, chip.to, count)} />;
}

/** Where more than one token is selected, from where to where. */
function Selected({ reading }: { reading: Reading }) {
  const locked = useView((s) => s.locked);
  const anchor = useView((s) => s.anchor);
  const span = anchor === null ? null : selectionOf(reading, { locked, anchor });
  return span && <i className="cursor-range" style={place(span.from, span.to, reading.count)} />;
}
