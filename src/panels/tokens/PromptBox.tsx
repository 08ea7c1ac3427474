import { lazy, Suspense } from 'react';
import { useStore } from 'zustand';
import { count } from '../../lens/maths/figures';
import { requestName } from '../../state/model/model-url';
import { LONGEST_PACKED } from '../../state/page/link-limit';
import { examplesFor } from '../../state/steering/examples';
import { useComposed } from '../../ui/use-composed';
import { ChatRoom } from '../chat/ChatRoom';
import { Notices } from '../status/Notices';
import { useRoom } from '../use-room';
import { useBench } from '../use-workbench';
import { EffectButtons, EffectOnShow } from './Effects';
import { FirstToken, PromptKind, Steps } from './PromptParts';

/** Loaded with the first conversation. */
const ChatEditor = lazy(() => import('../chat/ChatEditor'));

/** What the model runs: a text, or a conversation. */
export function PromptBox() {
  const chat = useStore(useBench().tracer.store, (s) => s.chat);
  return (
    <>
      {chat ? (
        <Suspense fallback={<ChatRoom chat={chat} />}>
          <ChatEditor chat={chat} />
        </Suspense>
      ) : (
        <PlainText />
      )}
      <Notices testId="link-notices" />
    </>
  );
}

/** The text. A trace follows typing; characters that are being composed wait until they are whole. */
function PlainText() {
  const bench = useBench();
  const text = useStore(bench.tracer.store, (s) => s.text);
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready');
  const own = useStore(
    bench.engine.store,
    ({ request }) => request === null || requestName(request) === 'lenslet-mini',
  );
  const box = useComposed(text, bench.tracer.type, useRoom());
  return (
    <>
      <div className="prompt">
        <textarea
          data-testid="prompt"
          aria-label="Text"
          rows={2}
          spellCheck={false}
          placeholder="Type a text, or choose an example."
          {...box}
        />
        <fieldset className="examples">
          <legend className="hidden">Examples</legend>
          {examplesFor(own).map(({ name, text: sample }) => (
            <button
              key={name}
              type="button"
              aria-pressed={text === sample}
              onClick={() => void bench.show({ text: sample })}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <div className="actions prompt-actions">
          <PromptKind />
          <button
            type="button"
            data-testid="trace"
            disabled={!ready || text === ''}
            onClick={() => void bench.tracer.trace()}
          >
            Trace
          </button>
          <Steps />
        </div>
        <EffectButtons />
      </div>
      {text.length > LONGEST_PACKED && (
        <p className="caption">
          A link carries the first {count(LONGEST_PACKED)} of these {count(text.length)} characters.
        </p>
      )}
      <FirstToken />
      <EffectOnShow />
    </>
  );
}
