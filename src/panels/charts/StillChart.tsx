import { type ComponentType, lazy, type ReactNode, Suspense, useRef } from 'react';
import { useWidth } from '../../ui/use-width';
import './charts.css';

/** What every plot is told. Pixels. */
export interface PlotSize {
  width: number;
  height: number;
}

/** A plot that is loaded when it first has a place to stand: none comes with the page. Without it, what the chart shows
 *  is still in its table. */
export function plot<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  return lazy(() => load().catch(() => ({ default: NotLoaded })));
}

function NotLoaded() {
  return <p className="caption">The chart could not be loaded. Its figures are in the table.</p>;
}

interface Props {
  /** What is drawn, for whoever does not see it. */
  name: string;
  height: number;
  columns: readonly string[];
  /** The figures as text: the row's name, then a figure a column. */
  rows: readonly (readonly string[])[];
  /** In place of the table's usual summary. */
  summary?: ReactNode;
  children: (size: PlotSize) => ReactNode;
}

/** A chart that does not move, in room kept for it, and its figures as a table that opens. */
export function StillChart({ name, height, columns, rows, summary = 'As a table', children }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  // Nothing while it is folded away.
  const width = useWidth(frame);
  return (
    <figure className="still">
      <div ref={frame} className="still-plot" role="img" aria-label={name} style={{ height }}>
        {width > 0 && <Suspense fallback={null}>{children({ width, height })}</Suspense>}
      </div>
      <details className="caption">
        <summary className="figures">{summary}</summary>
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
              {rows.map(([row, ...figures]) => (
                <tr key={row}>
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
