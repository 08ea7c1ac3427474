import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import type { GeneratedRow } from '../../lens/types';
import { type Alignment, align } from '../../state/alignment';
import type { Streams as AllStreams } from '../../state/run';
import { fixed, probability } from '../../ui/format';
import { TokenText } from '../../ui/TokenText';

type Kind = 'baseline' | 'steered' | 'control';

const titles: Record<Kind, string> = { baseline: 'Baseline', steered: 'Steered', control: 'Control, random direction' };

interface Props {
  streams: AllStreams | null;
  step: number | null;
  onStep: (step: number | null) => void;
  /** The figures, set beside the control. */
  children: ReactNode;
}

/** The texts side by side in space reserved for them; where they part is marked, and after it what has no partner is underlined. */
export function Streams({ streams, step, onStep, children }: Props) {
  const baseline = streams?.baseline ?? [];
  const steered = streams?.steered ?? null;
  const control = streams?.control ?? null;
  const pair = steered && align(baseline, steered);
  const withControl = control && align(baseline, control);
  const common = { step, onStep };
  return (
    <div className="streams">
      <Text kind="baseline" rows={baseline} marks={pair?.base} at={pair?.at} {...common} />
      <Text kind="steered" rows={steered} marks={pair?.other} at={pair?.at} {...common} />
      <Text kind="control" rows={control} marks={withControl?.other} at={withControl?.at} {...common} />
      <div className="run-says">{children}</div>
    </div>
  );
}

/** Why a text ends where it does, unless it has all the tokens that were asked for. */
const ending: Partial<Record<NonNullable<GeneratedRow['done']>, string>> = { stop: '[end]', source: '[ends with steered]', context: '[context full]' };

/** A generated token with its white space drawn. The token that ended a text has no text of its own. */
export function Token({ row }: { row: GeneratedRow }) {
  return row.done === 'stop' && row.text === '' ? 'end of text' : <TokenText text={row.text} />;
}

/** The step that a key moves to in a text of `length` tokens; null: none of the keys that move. */
export function stepBy(key: string, step: number | null, length: number): number | null {
  const last = length - 1;
  if (last < 0) return null;
  if (key === 'ArrowRight') return Math.min(last, (step ?? -1) + 1);
  if (key === 'ArrowLeft') return Math.min(last, Math.max(0, (step ?? length) - 1));
  if (key === 'Home') return 0;
  return key === 'End' ? last : null;
}

interface TextProps {
  kind: Kind;
  rows: readonly GeneratedRow[] | null;
  marks: boolean[] | undefined;
  at: Alignment['at'] | undefined;
  step: number | null;
  onStep: (step: number | null) => void;
}

function Text({ kind, rows, marks, at, step, onStep }: TextProps) {
  const text = useRef<HTMLParagraphElement>(null);
  const byKey = useRef(false);
  useEffect(() => {
    if (byKey.current && step !== null) text.current?.children[step]?.scrollIntoView({ block: 'nearest' });
    byKey.current = false;
  }, [step]);
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const next = stepBy(event.key, step, rows?.length ?? 0);
    if (next === null) return;
    event.preventDefault();
    byKey.current = next !== step;
    onStep(next);
  };
  return (
    <div className={`stream stream-${kind}`}>
      <h3>{titles[kind]}</h3>
      <p
        ref={text}
        className="stream-text mono"
        data-testid={`run-${kind}`}
        data-tokens={rows?.length ?? 0}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls, and whose tokens arrows go through, must be reachable by keyboard
        tabIndex={0}
        onKeyDown={keys}
        onBlur={() => onStep(null)}
        onPointerLeave={() => onStep(null)}
      >
        {rows?.map((row, i) => {
          // A generated token has no identity but its place.
          const key = `${i}`;
          return (
            <span
              key={key}
              className={`${marks?.[i] ? 'parted' : ''}${at === i ? ' parts' : ''}${step === i ? ' at-step' : ''}`}
              title={`logprob ${fixed(row.logprob, 2)}, p ${probability(Math.exp(row.logprob))}`}
              onPointerEnter={() => onStep(i)}
            >
              {row.text}
              {row.done && ending[row.done] && <i className="stream-end">{ending[row.done]}</i>}
            </span>
          );
        })}
      </p>
    </div>
  );
}

/** Where baseline and steered first differ, with the probability of either token in its own row. */
export function Divergence({ streams, maxTokens }: { streams: AllStreams; maxTokens: number }) {
  if (!streams.steered) return null;
  const { at } = align(streams.baseline, streams.steered);
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
}
