import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { VerbalizerInfo } from '../../lens/api/verbalizer';
import { bytesSay, score as two } from '../../lens/maths/figures';
import type { Found } from '../../state/page/selectors';
import type { Chip } from '../../state/reading/chips';
import { siteOf } from '../../state/reading/select';
import { sinksAt } from '../../state/reading/sinks';
import { confidenceOf, confidenceTitle } from '../../state/words/confidence';
import { draftKey } from '../../state/words/draft';
import { bestSample, type VerbalEntry, type VerbalRecord } from '../../state/words/record';
import { entryAt, selectSource } from '../../state/words/state';
import { warningsOf } from '../../state/words/warnings';
import { Choice } from '../../ui/Choice';
import { Failure } from '../../ui/Failure';
import { Term } from '../../ui/Term';
import { useBench, useStale } from '../use-workbench';
import { Ask } from './Ask';
import { Claims } from './Claims';
import { DraftLine, Editor } from './DraftLine';
import { Explanation } from './Explanation';
import { NamedFeatures } from './NamedFeatures';
import { Provenance } from './Provenance';
import { ScoreTable } from './ScoreTable';

/** What the residual at a token says, in sentences: the score first, then the words, then what can be asked of them. */
export default function Verbalizer({ found, chip }: { found: Found; chip: Chip }) {
  const bench = useBench();
  const lens = useStore(bench.engine.store, (s) => s.lens);
  const error = useStore(bench.verbal.store, (s) => s.error);
  const notice = useStore(bench.verbal.store, (s) => s.notice);
  const entry = useStore(bench.verbal.store, (s) => entryAt(s.entries, chip.to));
  const stale = useStale();
  const info = useStore(bench.verbal.store, selectSource);
  useEffect(() => {
    if (lens) void bench.verbal.need();
  }, [bench, lens]);
  return (
    <>
      <Ask info={info} />
      {notice && (
        <p className="caption" data-testid="words-notice">
          {notice}
        </p>
      )}
      <Warnings found={found} chip={chip} layer={entry?.record.layer ?? info?.layer ?? found.site.layer} />
      {error && (
        <Failure
          error={error}
          kept="Words that are done are kept."
          action={{ label: 'Verbalize again', run: () => void bench.verbal.verbalize() }}
        />
      )}
      {!entry && <Empty info={info} />}
      {entry && (
        <div className={stale ? 'stale' : undefined}>
          <Shown key={entry.record.id} entry={entry} chips={found.reading.chips} />
        </div>
      )}
      <Announced entry={entry} />
    </>
  );
}

/** What it does, and what the first press costs. */
function Empty({ info }: { info: VerbalizerInfo | null }) {
  const bench = useBench();
  const open = useStore(bench.engine.store, (s) => s.lens !== null);
  return (
    <div className="empty" data-testid="words-empty">
      <p>
        Describe this token’s <Term id="activation" /> in sentences.{' '}
        {info && !info.scores ? (
          'The model itself is asked what the activation means, with the activation put into the question.'
        ) : (
          <>
            A second model, the <Term id="ar">reconstructor</Term>, rebuilds the activation from the sentences; the
            score says how much they kept.
          </>
        )}
      </p>
      <p className="words-cost figures">
        {!open && 'It waits for the model.'}
        {open && info && (info.bytes ? `The first use loads ${bytesSay(info.bytes)}.` : 'Nothing is loaded for it.')}
        {info && !info.scores && ' No score: this source has no reconstructor.'}
      </p>
    </div>
  );
}

function Warnings({ found, chip, layer }: { found: Found; chip: Chip; layer: number }) {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  const { norm } = found.reading.sites[layer] ?? { norm: null };
  const said = warningsOf({
    position: chip.to,
    sink: sinksAt(found.reading, layer).has(chip.to),
    special: chip.special,
    norm: norm?.[chip.to] ?? null,
    median: siteOf(info, layer)?.normMedian ?? null,
  });
  if (!said.length) return null;
  return (
    <p className="caption words-warning" data-testid="words-warning">
      {said.join(' ')}
    </p>
  );
}

/** One token's words. */
function Shown({ entry, chips }: { entry: VerbalEntry; chips: readonly Chip[] }) {
  const bench = useBench();
  const { record, state, foreign = false, recorded = null } = entry;
  const { drafts } = bench.verbal;
  const [picked, pick] = useState<number | null>(null);
  const [editing, edit] = useState(false);
  const shown = picked ?? bestSample(record.samples);
  const sample = record.samples[shown]!;
  const draft = useStore(drafts.store, (s) => s.drafts.get(draftKey(record, shown)));
  const done = state === 'done';
  // Of words from another model nothing can be asked here.
  const workable = done && !foreign && sample.score !== null;
  useEffect(() => {
    drafts.look(workable ? record : null, shown, recorded);
    return () => drafts.look(null, 0);
  }, [drafts, workable, record, shown, recorded]);
  // The table speaks of the text as it stands. Until that has its score, the last one stays, as stale.
  const drafted = useStore(drafts.score.store, (s) => s);
  const score = draft && sample.score ? (drafted.value ?? sample.score) : sample.score;
  const waits = draft !== undefined && drafted.key !== drafted.answered;
  const button = useRef<HTMLButtonElement>(null);
  const scoring = record.samples.some(({ pieces }) => pieces) ? false : sample.score !== null || !done;
  const writing = state === 'writing';
  return (
    <>
      {scoring ? (
        <ScoreTable record={record} score={score} own={draft ? sample.score : null} stale={waits} />
      ) : (
        <p className="scores-none" data-testid="no-score">
          No score: this source has no reconstructor.
        </p>
      )}
      {recorded && <RecordedNote record={record} />}
      {foreign && <p className="caption">From the log, made by another model; the figures are of that model.</p>}
      {record.samples.length > 1 && <Samples record={record} shown={shown} onPick={pick} />}
      {editing && workable ? (
        <Editor
          onClose={() => {
            edit(false);
            button.current?.focus();
          }}
        />
      ) : (
        <Explanation
          record={record}
          shown={shown}
          text={draft?.text}
          dropped={draft?.dropped}
          confidence={confidenceOf(score)}
          writing={writing}
          chips={chips}
        />
      )}
      <div className="draft-line">
        {workable && <DraftLine editing={editing} onEdit={edit} edit={button} />}
        {!workable && (
          <span className="caption">
            {state === 'scoring' && 'Scoring.'}
            {state === 'stopped' && 'Stopped: not scored.'}
          </span>
        )}
      </div>
      {workable && (
        <>
          <Claims />
          <NamedFeatures record={record} />
        </>
      )}
      {done && <Provenance record={record} sample={sample} />}
    </>
  );
}

/** Whose words these are, and what it costs to write them here. */
function RecordedNote({ record }: { record: VerbalRecord }) {
  const bytes = useStore(
    useBench().verbal.store,
    (s) => s.infos?.find(({ source }) => source === record.source)?.bytes ?? 0,
  );
  return (
    <p className="caption figures">
      A <Term id="av">verbalizer</Term>’s description of this token’s activation, recorded on another machine. Verbalize
      writes one here; the first use loads {bytesSay(bytes)}.
    </p>
  );
}

/** The samples by their score, in the order in which they were drawn. */
function Samples({
  record,
  shown,
  onPick,
}: {
  record: VerbalEntry['record'];
  shown: number;
  onPick: (sample: number) => void;
}) {
  return (
    <div className="samples figures" data-testid="samples">
      <span className="caption">sample, {record.variance === null ? 'cosine' : 'FVE'}</span>
      <Choice
        name="sample"
        label="Sample on show"
        options={record.samples.map(({ score }, i) => ({
          value: i,
          label: score ? `${i + 1}: ${two(score.fve ?? score.cosine)}` : `${i + 1}`,
        }))}
        value={shown}
        onChange={onPick}
      />
    </div>
  );
}

/** What a screen reader is told once words are there. */
function Announced({ entry }: { entry: VerbalEntry | null }) {
  const done = entry?.state === 'done' ? entry.record : null;
  const sample = done?.samples[bestSample(done.samples)];
  const confidence = confidenceOf(sample?.score ?? null);
  return (
    <p className="hidden" role="status">
      {sample &&
        `${confidence ? `${confidenceTitle[confidence]}, FVE ${two(sample.score?.fve)}.` : 'No score.'} ${sample.text}`}
    </p>
  );
}
