import type { GeneratedRow } from '../../lens/types';
import type { Streams } from '../../state/run';
import { fixed, nats, probability } from '../../ui/format';
import { Token } from './Streams';

const KINDS = ['baseline', 'steered', 'control'] as const;

/** What stands at one step in each text: the token, its probability and log probability in its own row, and the KL there. */
export function StepReadout({ streams, step }: { streams: Streams | null; step: number | null }) {
  if (!streams) return null;
  if (step === null) return 'Point at a token, or arrow through a text, to read its p.';
  const there = KINDS.flatMap((kind) => {
    const row = streams[kind]?.[step];
    return row ? [{ kind, row }] : [];
  });
  return (
    <span aria-live="polite" data-testid="step">
      Token {step + 1}:{' '}
      {there.map(({ kind, row }, i) => (
        <span key={kind}>
          {i > 0 && '; '}
          {kind}{' '}
          <b className="mono">
            “<Token row={row} />”
          </b>{' '}
          {figures(row)}
        </span>
      ))}
    </span>
  );
}

function figures(row: GeneratedRow): string {
  const kl = row.kl === null ? '' : `, KL ${nats(row.kl)}`;
  return `p ${probability(Math.exp(row.logprob))}, logprob ${fixed(row.logprob, 2)}${kl}`;
}
