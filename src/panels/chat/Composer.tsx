import { type KeyboardEvent, useRef } from 'react';
import { useStore } from 'zustand';
import type { Chat } from '../../lens/api/chat';
import { awaitsAnswer, isAnswered } from '../../state/chat/turns';
import { samePrompt } from '../../state/reading/prompt';
import { useFocusTarget } from '../../ui/focus-targets';
import { useComposed } from '../../ui/use-composed';
import { useBench } from '../use-workbench';
import { dueOf } from './due';
import { PastedConversation } from './PastedConversation';

/** What the user says next. Enter sends it; where a turn waits for its answer, it says what there is to do first. */
export function Composer({ chat }: { chat: Chat }) {
  const bench = useBench();
  const draft = useStore(bench.chat.store, (s) => s.draft);
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready' && s.info?.chat === true);
  const box = useComposed(draft, bench.chat.setDraft);
  const element = useRef<HTMLTextAreaElement>(null);
  useFocusTarget('composer', element);
  const waits = awaitsAnswer(chat);
  const can = ready && !waits && draft.trim() !== '';
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.nativeEvent.isComposing) return;
    // Ctrl-Enter generates, where there is nothing to send.
    if (can || !(event.ctrlKey || event.metaKey)) event.preventDefault();
    if (can) void bench.chat.send(draft);
  };
  return (
    <>
      <div className="composer">
        <span className="grows" data-value={box.value}>
          <textarea
            ref={element}
            rows={1}
            aria-label="The user’s next turn"
            aria-describedby="composer-says"
            data-testid="composer"
            spellCheck={false}
            placeholder="Say something. Enter sends it."
            onKeyDown={keys}
            {...box}
          />
        </span>
        <button
          type="button"
          className="act"
          data-testid="send"
          disabled={!can}
          onClick={() => void bench.chat.send(draft)}
        >
          Send
        </button>
        <GoOn chat={chat} ready={ready} />
      </div>
      <p className="caption composer-says" id="composer-says" aria-live="polite">
        <NextSays chat={chat} />
      </p>
      <PastedConversation text={draft} />
    </>
  );
}

/** What can be done with the last turn as it stands. */
function GoOn({ chat, ready }: { chat: Chat; ready: boolean }) {
  const bench = useBench();
  const again = useStore(
    bench.runner.store,
    ({ plan, streams }) => streams !== null && plan !== null && samePrompt(plan.prompt, chat),
  );
  if (isAnswered(chat) || chat.open)
    return (
      <button type="button" disabled={!ready} data-testid="go-on" onClick={() => void bench.chat.goOn()}>
        Continue
      </button>
    );
  return again ? (
    <button
      type="button"
      disabled={!ready}
      data-testid="reroll"
      title="The same again with the next seed"
      onClick={() => void bench.chat.reroll()}
    >
      Reroll
    </button>
  ) : (
    <button type="button" disabled={!ready || !awaitsAnswer(chat)} onClick={() => void bench.chat.answer()}>
      Answer
    </button>
  );
}

const GIVEN = {
  comes: 'The answer is being written.',
  one: 'The answer is there: keep it to go on.',
  some: 'The answers are there: keep one to go on.',
};

function NextSays({ chat }: { chat: Chat }) {
  const bench = useBench();
  const given = useStore(bench.runner.store, (run) => {
    const due = dueOf(chat, run);
    if (!due?.own || due.stale) return null;
    return run.status === 'generating' ? 'comes' : due.rows.length > 1 ? 'some' : 'one';
  });
  if (given) return GIVEN[given];
  if (chat.open) return 'The last answer is begun: Continue goes on with it.';
  return awaitsAnswer(chat) ? 'The last turn waits for an answer.' : null;
}
