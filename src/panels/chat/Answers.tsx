import { type KeyboardEvent, memo } from 'react';
import type { Chat } from '../../lens/api/chat';
import type { GeneratedRow } from '../../lens/api/generate';
import { type StreamKind, streamTitle } from '../../state/base/view';
import { focusTarget } from '../../ui/focus-targets';
import { countRender } from '../render-count';
import { ending } from '../steering/ending';
import { Keep } from '../steering/Keep';
import { usePacedRun } from '../steering/pace';
import { useBench } from '../use-workbench';
import { dueOf, pieces } from './due';

const NONE: readonly string[] = [];

/** The next turn in the making: what baseline, steered and control say, to choose from. Their tokens are under Steering. */
export function Answers({ chat }: { chat: Chat }) {
  const run = usePacedRun();
  const due = dueOf(chat, run);
  if (!due) return null;
  const { turn, rows, stale, own } = due;
  const stops = run.plan?.sampling.stop ?? NONE;
  return (
    <section
      className={stale ? 'answers stale' : 'answers'}
      aria-label={`Answers, turn ${turn}`}
      data-testid="answers"
      data-stale={stale}
    >
      <span className="answers-who caption figures">
        <span className="turn-number">{turn}</span> assistant{chat.open && ', going on'}
      </span>
      <div className="answers-texts">
        {rows.map((each) => (
          <Answer key={each.kind} {...each} stops={stops} own={own} />
        ))}
      </div>
    </section>
  );
}

interface Props {
  kind: StreamKind;
  rows: readonly GeneratedRow[];
  stops: readonly string[];
  own: boolean;
}

const Answer = memo(function Answer({ kind, rows, stops, own }: Props) {
  countRender('answer');
  const bench = useBench();
  const go = () => {
    bench.view.set({ tab: 'steer' });
    focusTarget(`run-${kind}`);
  };
  const click = () => {
    // The end of a selection with the pointer is no click.
    if (getSelection()?.isCollapsed !== false) go();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    go();
  };
  const done = rows.at(-1)?.done;
  return (
    <div className={`stream-${kind}`}>
      <div className="stream-head">
        <h3>{streamTitle[kind]}</h3>
        <Keep kind={kind} testId={`take-${kind}`} disabled={!own || rows.length === 0} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: what is said is no fieldset */}
      <div
        className="answer-text"
        role="group"
        aria-label={`${streamTitle[kind]}, what it says`}
        title="Click, or Enter: its tokens, under Steering"
        data-testid={`answer-${kind}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and Enter goes to its tokens
        tabIndex={0}
        onClick={click}
        onKeyDown={keys}
      >
        <p>
          {pieces(rows, stops).map(({ text, thinks }, i) => {
            // Pieces have no identity but their place.
            const key = `${i}`;
            return (
              <span key={key} className={thinks ? 'stream-thinking' : undefined}>
                {text}
              </span>
            );
          })}
          {done && ending[done] && <i className="stream-end">{ending[done]}</i>}
        </p>
      </div>
    </div>
  );
});
