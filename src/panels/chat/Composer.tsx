import { type KeyboardEvent, type RefObject, useRef } from 'react';
import { useStore } from 'zustand';
import type { Chat } from '../../lens/api/chat';
import { awaitsAnswer, isAnswered } from '../../state/chat/turns';
import { samePrompt } from '../../state/reading/prompt';
import { composes } from '../../ui/composing';
import { focusTarget, useFocusTarget } from '../../ui/focus-targets';
import { useComposed } from '../../ui/use-composed';
import { useRoom } from '../use-room';
import { useBench } from '../use-workbench';
import { type Next, nextSays, nextWords, stageOf } from './next-says';
import { PastedConversation } from './PastedConversation';

/** What the user says next. Enter sends it; where a turn waits for its answer, the box says what there is to do first,
 *  and Enter goes there. */
export function Composer({ chat }: { chat: Chat }) {
  const bench = useBench();
  const draft = useStore(bench.chat.store, (s) => s.draft);
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready' && s.info?.chat === true);
  const stage = useStore(bench.runner.store, (run) => stageOf(chat, run));
  const box = useComposed(draft, bench.chat.setDraft, useRoom());
  const whole = useRef<HTMLDivElement>(null);
  const element = useRef<HTMLTextAreaElement>(null);
  useFocusTarget('composer', element);
  const waits = awaitsAnswer(chat);
  const can = ready && !waits && draft.trim() !== '';
  const next: Next = { stage, turn: chat.messages.length - 1, drafted: draft.trim() !== '' };
  const send = () => {
    // The button is disabled once there is nothing to send.
    focusTarget('composer');
    void bench.chat.send(draft);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || composes(event.nativeEvent)) return;
    // Ctrl-Enter generates, where there is nothing to send.
    if (!can && (event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (can) send();
    // While an answer is written there is nothing to do first: a second Enter would cut it off.
    else if (waits && stage !== 'comes') toFirst(whole);
  };
  return (
    <>
      <div className="composer" ref={whole}>
        <span className="grows" data-value={box.value}>
          <textarea
            ref={element}
            rows={1}
            aria-label="The user’s next turn"
            aria-describedby="composer-says"
            data-testid="composer"
            spellCheck={false}
            placeholder={nextWords(next)}
            onKeyDown={keys}
            {...box}
          />
        </span>
        <button type="button" className={waits ? undefined : 'act'} data-testid="send" disabled={!can} onClick={send}>
          Send
        </button>
        <GoOn chat={chat} ready={ready} coming={stage === 'comes'} />
      </div>
      <p className="caption composer-says" id="composer-says" aria-live="polite">
        {nextSays(next)}
      </p>
      <PastedConversation text={draft} />
    </>
  );
}

/** The focus goes to what has to be done before the next turn is sent: an answer is kept, or given. */
function toFirst(composer: RefObject<HTMLElement | null>): void {
  const keep = composer.current?.parentElement?.querySelector<HTMLElement>('.answers [data-testid^="take-"]:enabled');
  const first = keep ?? composer.current?.querySelector<HTMLElement>('[data-next]:enabled');
  first?.focus();
}

/** What can be done with the last turn as it stands. */
function GoOn({ chat, ready, coming }: { chat: Chat; ready: boolean; coming: boolean }) {
  const bench = useBench();
  const again = useStore(
    bench.runner.store,
    ({ plan, streams }) => streams !== null && plan !== null && samePrompt(plan.prompt, chat),
  );
  const greedy = useStore(bench.sampling, (s) => s.temperature === 0);
  if (isAnswered(chat) || chat.open)
    return (
      <button type="button" disabled={!ready} data-testid="go-on" onClick={() => void bench.chat.goOn()}>
        Continue
      </button>
    );
  return again ? (
    <button
      type="button"
      disabled={!ready || greedy}
      data-testid="reroll"
      data-next
      title={greedy ? 'At temperature 0 the same text comes again.' : 'The same again with the next seed'}
      onClick={() => void bench.chat.reroll()}
    >
      Reroll
    </button>
  ) : (
    <button
      type="button"
      className={awaitsAnswer(chat) ? 'act' : undefined}
      disabled={!ready || coming || !awaitsAnswer(chat)}
      data-testid="answer"
      data-next
      onClick={() => void bench.chat.answer()}
    >
      Answer
    </button>
  );
}
