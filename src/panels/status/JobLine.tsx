import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { SHEET } from '../../state/base/view';
import { followJobs, type Job, jobOf } from '../../state/page/jobs';
import { useBench, useView } from '../use-workbench';
import { usePace } from './Opening';

/** Milliseconds that a job takes at least to be worth a line: most traces and runs are through before. */
const WORTH = 400;

/** What the page is busy with, how far it is, and its end: seen from every place, in room that nothing else has. */
export function JobLine() {
  const bench = useBench();
  const job = useJob();
  const transfer = useStore(bench.engine.store, (s) => (s.trying ?? s).transfer);
  const read = useStore(bench.tracer.store, (s) => s.reading !== null);
  const onSheet = useView((s) => s.place === SHEET);
  const pace = usePace(job?.kind === 'open' ? job.stage : null, transfer);
  // Where the sheet has no text to show yet it has the stages.
  if (!job || (job.kind === 'open' && onSheet && !read)) return null;
  const go = () => {
    if (!onSheet) bench.go(SHEET);
    bench.view.set(job.where);
  };
  const says = [job.says, pace].filter(Boolean).join(', ');
  return (
    <span className="job figures" data-testid={job.kind === 'open' ? 'opening' : 'job'}>
      <button type="button" className="job-says" title="Go to where it happens" onClick={go}>
        {/* A new node for each sentence: one that grows counts as moved. The button stays, with focus and press. */}
        <span key={says}>{says}</span>
      </button>
      {job.cancel && (
        <button type="button" onClick={job.cancel}>
          Cancel
        </button>
      )}
      {job.share !== null && (
        <span className="stage-rule">
          <span style={{ width: `${job.share * 100}%` }} />
        </span>
      )}
    </span>
  );
}

/** The job under way, once it has taken long enough to be worth a line; opening always is. */
function useJob(): Job | null {
  const bench = useBench();
  const [job, setJob] = useState<Job | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let since: { kind: Job['kind']; at: number } | null = null;
    const look = () => {
      clearTimeout(timer);
      const now = jobOf(bench);
      if (now?.kind !== since?.kind) since = now && { kind: now.kind, at: performance.now() };
      const wait = now && now.kind !== 'open' ? since!.at + WORTH - performance.now() : 0;
      if (wait > 0) timer = setTimeout(look, wait);
      const next = wait > 0 ? null : now;
      setJob((before) => (before && next && same(before, next) ? before : next));
    };
    look();
    const stop = followJobs(bench, look);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [bench]);
  return job;
}

const same = (a: Job, b: Job): boolean =>
  a.kind === b.kind && a.says === b.says && a.share === b.share && a.stage === b.stage;
