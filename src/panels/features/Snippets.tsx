import { useState } from 'react';
import type { Snippet } from '../../lens/api/feature';
import { figure } from '../../lens/maths/figures';
import { TokenText } from '../../ui/TokenText';
import { groupsOf, lineOf, type Mark, type SnippetGroup } from './snippet-lines';

const BANDS = ['Strongest firings', 'Quantiles 0.75–0.95 of its firings', 'Quantiles 0.5–0.75', 'Quantiles 0–0.5'];
const SOURCES = { model: 'written by the model', arithmetic: 'generated arithmetic' };

/** Where a feature fires, a line each with the peaks under each other; the strongest are seen, the rest unfolds. */
export function Snippets({ snippets, maximum }: { snippets: readonly Snippet[] | null; maximum: number }) {
  const [whole, setWhole] = useState(false);
  const groups = groupsOf(snippets ?? []);
  const weaker = groups.filter(({ band }) => band > 0);
  const count = weaker.reduce((n, group) => n + group.snippets.length, 0);
  return (
    <div className={whole ? 'snippets snippets-whole' : 'snippets'}>
      <div className="list-head">
        <h4>Where it fires, activation</h4>
        <label className="switch">
          <input type="checkbox" checked={whole} onChange={(event) => setWhole(event.target.checked)} />
          Whole lines
        </label>
      </div>
      <div className="snippets-top">
        {snippets?.length === 0 && (
          <p className="caption">No firing in the text that the model wrote, or in generated arithmetic.</p>
        )}
        {groups
          .filter(({ band }) => band === 0)
          .map((group) => (
            <Group key={group.source} group={group} maximum={maximum} />
          ))}
      </div>
      {count > 0 && (
        <details>
          <summary className="caption">{count} weaker firings</summary>
          {weaker.map((group) => (
            <Group key={`${group.band} ${group.source}`} group={group} maximum={maximum} />
          ))}
        </details>
      )}
    </div>
  );
}

function Group({ group: { band, source, snippets }, maximum }: { group: SnippetGroup; maximum: number }) {
  const says = `${BANDS[band]}, ${SOURCES[source]}`;
  return (
    <>
      <p className="caption">{says}</p>
      <ol aria-label={says}>
        {snippets.map((snippet, i) => (
          // Snippets of a group have no identity but their place.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Line key={i} snippet={snippet} maximum={maximum} />
        ))}
      </ol>
    </>
  );
}

function Line({ snippet, maximum }: { snippet: Snippet; maximum: number }) {
  const { text, before, peak, after } = lineOf(snippet, maximum);
  return (
    <li className="snippet" title={text}>
      <span className="snippet-before mono">
        <span>
          {before.map((mark) => (
            <Marked key={mark.from} mark={mark} />
          ))}
        </span>
      </span>
      <span className="snippet-after mono">
        <b className="snippet-peak">
          <Marked mark={peak} />
        </b>
        {after.map((mark) => (
          <Marked key={mark.from} mark={mark} />
        ))}
      </span>
      <span className="figures">{figure(peak.value)}</span>
    </li>
  );
}

function Marked({ mark: { text, fill } }: { mark: Mark }) {
  return (
    <span
      className="snippet-token"
      style={fill > 0 ? ({ '--fill': `${(fill * 100).toFixed(1)}%` } as React.CSSProperties) : undefined}
    >
      <TokenText text={text} />
    </span>
  );
}
