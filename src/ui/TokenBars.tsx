import { TokenText } from './TokenText';

interface TokenBar {
  id: number;
  text: string;
  /** Length of the bar; the list's largest fills the width. */
  value: number;
  figure: string;
}

/** A short list of tokens, each with a bar on a common baseline and its figure. */
export function TokenBars({ bars, label, rows }: { bars: readonly TokenBar[]; label: string; rows: number }) {
  const end = bars.reduce((most, bar) => Math.max(most, Math.abs(bar.value)), 0) || 1;
  return (
    <ol className="token-bars" aria-label={label} style={{ minHeight: `${rows * 20}px` }}>
      {bars.slice(0, rows).map((bar) => (
        <li key={bar.id}>
          <span className="mono token-bar-text">
            <TokenText text={bar.text} />
          </span>
          <span className="token-bar" style={{ width: `${(Math.abs(bar.value) / end) * 100}%` }} />
          <span className="figures">{bar.figure}</span>
        </li>
      ))}
    </ol>
  );
}
