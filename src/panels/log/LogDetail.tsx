import { useStore } from 'zustand';
import { modelName } from '../../lens/exchange/model-name';
import { cosine, count, figure, score as two } from '../../lens/maths/figures';
import type { KnownScore, LogEntry } from '../../state/log/record';
import { foundSample } from '../../state/log/search';
import { closedBecause, reopen } from '../../state/page/log-reopen';
import { levelsOf } from '../../state/words/claims';
import { confidenceOf, confidenceTitle, controlName, OWN_WORDS } from '../../state/words/confidence';
import { useBench } from '../use-workbench';
import { Place } from './LogRow';
import { runSays, siteSays, sourceSays, targetSays, timeSays } from './log-words';
import { Marked } from './Marked';

interface Props {
  entry: LogEntry;
  words: readonly RegExp[];
  /** Rows of the same run, and whether only these are listed. */
  run: { size: number; alone: boolean };
  onRun: (run: string | null) => void;
}

/** All that is kept of the chosen row. */
export function LogDetail({ entry, words, run, onRun }: Props) {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  const closed = closedBecause(entry, info);
  const name = targetSays(entry);
  const shown = foundSample(entry, words);
  const rest = [...entry.samples.keys()].filter((i) => i !== shown);
  return (
    <section className="log-detail" aria-label={`The words of ${name}`} data-testid="log-detail">
      <div className="log-detail-head">
        <h3 className="figures">{name}</h3>
        <span className="actions">
          <button
            type="button"
            data-testid="log-reopen"
            disabled={closed !== null}
            onClick={() => void reopen(bench, entry)}
          >
            Reopen
          </button>
          <button
            type="button"
            aria-pressed={entry.pinned}
            data-testid="log-pin"
            onClick={() => bench.log.pin(entry.id, !entry.pinned)}
          >
            {entry.pinned ? 'Unpin' : 'Pin'}
          </button>
          <button type="button" data-testid="log-delete" onClick={() => bench.log.remove(new Set([entry.id]))}>
            Delete
          </button>
        </span>
      </div>
      {closed && <p className="caption">Not to be reopened here. {closed}</p>}
      {entry.target.kind === 'token' && (
        <p className="log-place log-wide">
          <Place entry={entry} words={words} room={240} />
        </p>
      )}
      <Sample entry={entry} i={shown} words={words} />
      <Scores entry={entry} score={entry.samples[shown]!.score} />
      {rest.length > 0 && (
        <>
          <h4>
            {rest.length} further {rest.length === 1 ? 'sample' : 'samples'}
          </h4>
          {rest.map((i) => (
            <Sample key={i} entry={entry} i={i} words={words} scored />
          ))}
        </>
      )}
      <Origin entry={entry} run={run} onRun={onRun} />
    </section>
  );
}

function Sample({
  entry,
  i,
  words,
  scored = false,
}: {
  entry: LogEntry;
  i: number;
  words: readonly RegExp[];
  scored?: boolean;
}) {
  const { text, score, done } = entry.samples[i]!;
  const confidence = confidenceOf(score);
  return (
    <div className={confidence === 'low' ? 'log-sample log-low' : 'log-sample'}>
      {levelsOf(text).map(({ title, claims }) => (
        <div key={claims[0]!.from}>
          {title && !scored && <h4>{title}</h4>}
          <p>
            <span className="log-said">
              <Marked text={text.slice(claims[0]!.from, claims.at(-1)!.to)} words={words} />
            </span>
          </p>
        </div>
      ))}
      {text.trim() === '' && <p className="caption">No words.</p>}
      {done === 'length' && <p className="caption">Cut off at the longest answer.</p>}
      {scored && score && (
        <p className="caption figures">
          {confidence ? `${confidenceTitle[confidence]}, FVE ${two(score.fve)}` : `cosine ${cosine(score.cosine)}`}
        </p>
      )}
    </div>
  );
}

/** The shown sample's figures, and what they have to beat. */
function Scores({ entry, score }: { entry: LogEntry; score: KnownScore | null }) {
  const { controls, variance } = entry;
  if (!score) return <p className="caption">No score: none was given, or the source has no reconstructor.</p>;
  const confidence = confidenceOf(score);
  const shuffled = controls?.shuffled ?? null;
  const range =
    shuffled && shuffled.low !== null && shuffled.high !== null
      ? `, ${two(shuffled.low)} to ${two(shuffled.high)}`
      : '';
  const control = (kind: 'constant' | 'empty' | 'generic') => {
    const of = controls?.[kind];
    return of ? { name: controlName[kind], fve: of.fve, relative: of.relative, cosine: of.cosine } : null;
  };
  const rows = [
    shuffled && {
      name: `${controlName.shuffled}, n ${shuffled.n}${range}`,
      fve: shuffled.fve,
      relative: shuffled.fve === null ? null : 1 - shuffled.fve,
      cosine: shuffled.cosine,
    },
    control('constant'),
    control('empty'),
    control('generic'),
  ].filter((row) => row !== null);
  return (
    <>
      <table className="log-scores figures">
        <thead>
          <tr>
            <td />
            <th scope="col">FVE</th>
            <th scope="col">relative MSE</th>
            <th scope="col">cosine</th>
          </tr>
        </thead>
        <tbody>
          {[{ name: confidence ? confidenceTitle[confidence] : OWN_WORDS, own: true, ...score }, ...rows].map((row) => (
            <tr key={row.name}>
              <th scope="row">{'own' in row ? <b className="log-strong">{row.name}</b> : row.name}</th>
              <td>{two(row.fve)}</td>
              <td>{two(row.relative)}</td>
              <td>{cosine(row.cosine)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="caption figures">
        {variance === null ? 'V is not known: no relative error.' : `V ${figure(variance)}.`}
        {!shuffled && ' No shuffled control was kept.'}
        {entry.beatsControl === false && ' On held-out text the pair was not better than its control.'}
      </p>
    </>
  );
}

/** What it was made of and with; what is not known is said. */
function Origin({ entry, run, onRun }: Pick<Props, 'entry' | 'run' | 'onRun'>) {
  const { model, sha256, layer, source, options, target, origin, samples, when } = entry;
  const { seed, temperature, maxTokens } = options;
  const drawn = [
    temperature !== null && `temperature ${temperature}`,
    seed !== null && `seed ${seed}`,
    maxTokens !== null && `at most ${maxTokens} tokens`,
  ].filter((part) => part !== false);
  const facts: [string, string][] = [
    ['Model', `${model === null ? 'not known' : modelName(model)}${sha256 ? `, ${sha256.slice(0, 8)}` : ''}`],
    [
      'Vector',
      `${siteSays(layer)}${target.kind === 'token' ? `, norm ${target.norm === null ? 'not known' : figure(target.norm)}` : ', decoder row'}`,
    ],
    ['Source', `${sourceSays(source)}, ${samples.length} ${samples.length === 1 ? 'sample' : 'samples'}`],
    ['Drawn', drawn.length ? drawn.join(', ') : 'not known'],
    ['Made', when === null ? 'not known' : timeSays(when, true)],
    ...(origin === null ? [] : [['From', `${origin}, read ${timeSays(entry.added)}`] as [string, string]]),
    ...(entry.extras
      ? [
          [
            'Fields',
            Object.entries(entry.extras)
              .map(([key, value]) => `${key} ${value}`)
              .join(', '),
          ] as [string, string],
        ]
      : []),
  ];
  return (
    <dl className="log-facts caption figures">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>Run</dt>
        <dd>
          {runSays(entry)}{' '}
          <button
            type="button"
            className="bare"
            data-testid="log-run"
            aria-pressed={run.alone}
            onClick={() => onRun(run.alone ? null : entry.run)}
          >
            {run.alone ? 'List all runs' : `List only its ${run.size === 1 ? 'row' : `${count(run.size)} rows`}`}
          </button>
        </dd>
      </div>
    </dl>
  );
}
