import { useCallback, useRef } from 'react';
import { useStore } from 'zustand';
import type { Chat } from '../../lens/api/chat';
import { turnsCarried } from '../../state/page/link-chat';
import { LONGEST_PACKED } from '../../state/page/link-limit';
import { Term } from '../../ui/Term';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { useMedia } from '../../ui/use-media';
import { useBench } from '../use-workbench';
import { Answers } from './Answers';
import { ChatTools } from './ChatTools';
import { Composer } from './Composer';
import { Turn } from './Turn';
import { actOn, type TurnAct, withSystem } from './turn-acts';
import { useTurnFocus } from './use-turn-focus';

/** Where there is no hover, or no room beside a turn. */
const FOLDED = '(pointer: coarse), (max-width: 719px)';

/** The conversation as it is written: its turns, and below them what is said next. */
export default function ChatEditor({ chat }: { chat: Chat }) {
  const bench = useBench();
  const without = useStore(bench.engine.store, (s) => s.info !== null && !s.info.chat);
  const folded = useMedia(FOLDED);
  const { messages, open = false } = chat;
  const list = useRef<HTMLOListElement>(null);
  const lost = useFocusWhereLost(messages.length);
  const focusNext = useTurnFocus(list, messages);
  const act = useCallback(
    (what: TurnAct, turn: number) =>
      void bench.chat.step((now) => {
        const { chat: next, focus } = actOn(now, what, turn);
        focusNext(focus);
        return next;
      }),
    [bench, focusNext],
  );
  const addSystem = () => {
    focusNext({ turn: 0, part: 'text' });
    void bench.chat.step(withSystem);
  };
  const carried = turnsCarried(chat, LONGEST_PACKED);
  return (
    <div className="chat-editor" data-testid="conversation">
      <div className="chat-written">
        {without && <NoTemplate />}
        {messages[0]?.role !== 'system' && (
          <button
            type="button"
            className="bare add-system"
            data-testid="add-system"
            title="Adds a turn of the system’s in front"
            onClick={addSystem}
          >
            System turn
          </button>
        )}
        <ol
          ref={(element) => {
            list.current = element;
            lost(element);
          }}
          className="turns"
          aria-label="Turns"
          tabIndex={-1}
        >
          {messages.map((message, i) => {
            // Turns have no identity but their place.
            const key = `${i}`;
            const last = i === messages.length - 1;
            return (
              <Turn key={key} message={message} turn={i} last={last} open={last && open} folded={folded} onAct={act} />
            );
          })}
        </ol>
        <Answers chat={chat} />
        <Composer chat={chat} />
        {carried < messages.length && (
          <p className="caption">
            A link carries the first {carried} of these {messages.length} turns.
          </p>
        )}
      </div>
      <ChatTools chat={chat} />
    </div>
  );
}

function NoTemplate() {
  const bench = useBench();
  return (
    <p className="caption" data-testid="no-template">
      This model has no <Term id="chattemplate" />: it runs plain texts. The turns are kept.{' '}
      <button type="button" className="bare" onClick={() => void bench.chat.leave()}>
        Back to the text
      </button>
    </p>
  );
}
