import { type ComponentType, type ReactNode, useEffect, useRef, useState } from 'react';
import { useWidth } from '../../ui/use-width';
import './charts.css';

/** What every plot is told. Pixels. */
export interface PlotSize {
  width: number;
  height: number;
}

/** A plot that is loaded when it first has a place to stand: none comes with the page. */
interface Plotted<P> {
  now: ComponentType<P> | null;
  load: () => Promise<void>;
}

export function plot<P>(load: () => Promise<{ default: ComponentType<P> }>): Plotted<P> {
  const made: Plotted<P> = {
    now: null,
    load: async () => {
      made.now = (await load()).default;
    },
  };
  return made;
}

interface Props<P> {
  /** What is drawn, for whoever does not see it. */
  name: string;
  height: number;
  columns: readonly string[];
  /** The figures as text: the row's name, then a figure a column. */
  rows: readonly (readonly string[])[];
  /** In place of the table's usual summary. */
  summary?: ReactNode;
  plot: Plotted<P>;
  children: (Plot: ComponentType<P>, size: PlotSize) => ReactNode;
}

/** A chart that does not move, in room kept for it, and its figures as a table that opens. */
export function StillChart<P>({ name, height, columns, rows, summary, plot, children }: Props<P>) {
  const frame = useRef<HTMLDivElement>(null);
  // Nothing while it is folded away.
  const width = useWidth(frame);
  const failed = useLoaded(plot, width > 0);
  return (
    <figure className="still">
      <div ref={frame} className="still-plot" style={{ height }}>
        {failed ? (
          <p className="caption">The chart could not be loaded. Its figures are in the table.</p>
        ) : (
          <div role="img" aria-label={name} style={{ height }}>
            {plot.now && width > 0 && children(plot.now, { width, height })}
          </div>
        )}
      </div>
      <details className="caption">
        <summary className="figures">{summary ?? 'As a table'}</summary>
        <div className="still-scroll">
          <table className="figures">
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([row, ...figures], line) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rounded, two rows can have one name; none ever moves
                <tr key={line}>
                  <th scope="row">{row}</th>
                  {figures.map((figure, i) => (
                    <td key={columns[i + 1]}>{figure}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** Loads the plot once it is wanted, and draws the chart again when it is there. Whether it could not be loaded: the next
 *  chart asks again. */
function useLoaded<P>(plot: Plotted<P>, wanted: boolean): boolean {
  const [, redraw] = useState(false);
  const [failed, setFailed] = useState(false);
  const missing = wanted && !plot.now;
  useEffect(() => {
    if (!missing) return;
    let here = true;
    void plot.load().then(
      () => here && redraw(true),
      () => here && setFailed(true),
    );
    return () => {
      here = false;
    };
  }, [plot, missing]);
  return failed;
}
