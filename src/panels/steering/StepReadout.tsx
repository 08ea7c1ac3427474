import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { GeneratedRow } from '../../lens/api/generate';
import { nats, probability, surprisal } from '../../lens/maths/figures';
import { STREAMS, type StreamKind } from '../../state/base/view';
import { actsOnSome, generatedMark } from '../../state/steering/acted';
import { useBench, useView } from '../use-workbench';
import { Token } from './Streams';
import { useStep } from './steps';

/** What stands at one step in each text: the token, its probability and log probability in its own row, and the KL
 *  there. Without a step under the pointer that of the locked token. */
export function StepReadout() {
  const bench = useBench();
  const { runner } = bench;
  const locked = useView((s) => s.generated?.index ?? null);
  const pointed = useStep((now) => now);
  const step = pointed ?? locked;
  const any = useStore(runner.store, (s) => s.streams !== null);
  const rows = useStore(
    runner.store,
    useShallow((s) => STREAMS.map((kind) => (step === null ? undefined : s.streams?.[kind]?.[step]))),
  );
  const acts = useStore(runner.store, (s) => actsOnSome(s.plan));
  const did = useStore(
    runner.store,
    useShallow((s) => STREAMS.map((kind) => (step === null ? '' : didSay(kind, s.streams?.[kind] ?? [], step)))),
  );
  if (!any) return null;
  if (step === null) return 'Point at a token to read its probability; click to lock it.';
  const there = STREAMS.flatMap((kind, i) => (rows[i] ? [{ kind, row: rows[i], did: acts ? did[i] : '' }] : []));
  return (
    <span aria-live="polite" data-testid="step">
      Token {step + 1}:{' '}
      {there.map(({ kind, row, did: done }, i) => (
        <span key={kind}>
          {i > 0 && '; '}
          {kind}{' '}
          <b className="mono">
            “<Token row={row} />”
          </b>{' '}
          {figures(row)}
          {done}
        </span>
      ))}
      {there.length === 0 && 'not written in this run.'}
      {locked !== null && (
        <button type="button" className="bare show-features" onClick={() => bench.view.set({ tab: 'features' })}>
          Show features
        </button>
      )}
    </span>
  );
}

/** What edits did at a token; nothing is said of one that was not read. */
function didSay(kind: StreamKind, rows: readonly GeneratedRow[], step: number): string {
  const mark = kind === 'baseline' ? null : generatedMark(rows, step);
  if (!mark) return '';
  const edits =
    mark.edits === 0 ? 'no edit acts here' : `${mark.edits} ${mark.edits === 1 ? 'edit acts' : 'edits act'} here`;
  return `, ${edits}${mark.open ? ', gate open' : ''}`;
}

function figures(row: GeneratedRow): string {
  const kl = row.kl === null ? '' : `, KL ${nats(row.kl)}`;
  return `p ${probability(Math.exp(row.logprob))}, logprob ${surprisal(row.logprob)}${kl}`;
}
