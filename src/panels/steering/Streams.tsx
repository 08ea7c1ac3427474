import { memo, type ReactNode, useState } from 'react';
import { useStore } from 'zustand';
import type { GeneratedRow } from '../../lens/api/generate';
import { probability } from '../../lens/maths/figures';
import { type StreamKind, streamTitle } from '../../state/base/view';
import { createAligner, divergence } from '../../state/steering/alignment';
import { writtenOf } from '../../state/steering/generated';
import type { Streams as AllStreams } from '../../state/steering/run';
import { TokenText } from '../../ui/TokenText';
import { useBench, useView } from '../use-workbench';
import { Keep } from './Keep';
import { StreamText } from './StreamText';

const NONE: readonly GeneratedRow[] = [];

/** The texts side by side in space reserved for them; where they part is marked, and after it what has no partner is
 *  underlined. The figures stand beside the control. */
export function Streams({ children }: { children: ReactNode }) {
  const { runner } = useBench();
  const streams = useStore(runner.store, (s) => s.streams);
  const growing = useStore(runner.store, (s) => s.status === 'generating' && !s.stale);
  const [alignSteered] = useState(() => createAligner());
  const [alignControl] = useState(() => createAligner());
  const baseline = streams?.baseline ?? NONE;
  const pair = streams?.steered && alignSteered(baseline, streams.steered, growing);
  const withControl = streams?.control && alignControl(baseline, streams.control, growing);
  return (
    <div className="streams">
      <Stream kind="baseline" rows={baseline} marks={pair?.base} />
      {streams?.steered && <Stream kind="steered" rows={streams.steered} marks={pair?.other} />}
      {streams?.control && <Stream kind="control" rows={streams.control} marks={withControl?.other} />}
      <div className="run-says">{children}</div>
    </div>
  );
}

interface StreamProps {
  kind: StreamKind;
  rows: readonly GeneratedRow[];
  marks: readonly boolean[] | undefined;
}

const Stream = memo(function Stream({ kind, rows, marks }: StreamProps) {
  return (
    <div className={`stream stream-${kind}`}>
      <div className="stream-head">
        <h3>
          {streamTitle[kind]}
          {kind === 'control' && <span className="stream-note">, random direction</span>}
        </h3>
        {rows.length > 0 && <Take kind={kind} />}
      </div>
      <StreamText kind={kind} title={streamTitle[kind]} rows={rows} marks={marks} />
    </div>
  );
});

/** Makes a generated text, all of it or up to the token that is locked in it, a part of what is run next. */
function Take({ kind }: { kind: StreamKind }) {
  const bench = useBench();
  const index = useView((s) => (s.generated?.stream === kind ? s.generated.index : undefined));
  const talks = useStore(bench.runner.store, (s) => typeof s.plan?.prompt === 'object');
  return talks ? <Keep kind={kind} index={index} testId={`keep-${kind}`} /> : <Send kind={kind} index={index} />;
}

/** Makes prompt and generated text the next prompt. */
function Send({ kind, index }: { kind: StreamKind; index: number | undefined }) {
  const bench = useBench();
  const send = () => {
    const { plan, streams } = bench.runner.store.getState();
    if (typeof plan?.prompt === 'string' && streams)
      void bench.show({ text: writtenOf(plan.prompt, streams, kind, index) });
  };
  return (
    <button
      type="button"
      className="bare"
      aria-label={`Send ${index === undefined ? '' : 'up to here '}to prompt: ${kind}`}
      onClick={send}
    >
      {index === undefined ? 'Send to prompt' : 'Send up to here'}
    </button>
  );
}

/** A generated token with its white space drawn. The token that ended a text has no text of its own. */
export function Token({ row }: { row: Pick<GeneratedRow, 'done' | 'text'> }) {
  return row.done === 'stop' && row.text === '' ? 'end of text' : <TokenText text={row.text} />;
}

/** Where baseline and steered first differ, with the probability of either token in its own row. */
export const Divergence = memo(function Divergence({ streams, maxTokens }: { streams: AllStreams; maxTokens: number }) {
  if (!streams.steered) return null;
  const at = divergence(streams.baseline, streams.steered);
  if (at === null) {
    const n = Math.min(streams.baseline.length, streams.steered.length);
    return <p className="caption figures">{n ? `Same text over ${n} of ${maxTokens} tokens.` : ''}</p>;
  }
  const [base, steered] = [streams.baseline[at]!, streams.steered[at]!];
  return (
    <p className="caption figures" data-testid="divergence">
      First divergence at token {at + 1}: baseline{' '}
      <b className="mono">
        “<Token row={base} />”
      </b>{' '}
      p {probability(Math.exp(base.logprob))}, steered{' '}
      <b className="mono steered">
        “<Token row={steered} />”
      </b>{' '}
      p {probability(Math.exp(steered.logprob))}.
    </p>
  );
});
