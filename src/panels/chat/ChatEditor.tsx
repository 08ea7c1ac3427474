import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { Chat } from '../../lens/api/chat';
import { turnsCarried } from '../../state/page/link-chat';
import { Term } from '../../ui/Term';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { useBench } from '../use-workbench';
import { Answers } from './Answers';
import { ChatTools } from './ChatTools';
import { Composer } from './Composer';
import { Turn } from './Turn';

/** The conversation as it is written: its turns, and below them what is said next. */
export default function ChatEditor({ chat }: { chat: Chat }) {
  const { engine } = useBench();
  const without = useStore(engine.store, (s) => s.info !== null && !s.info.chat);
  const { messages } = chat;
  const list = useRef<HTMLOListElement>(null);
  const lost = useFocusWhereLost(messages.length);
  const before = useRef(0);
  // What has come is in sight.
  useEffect(() => {
    if (messages.length > before.current && list.current) list.current.scrollTop = list.current.scrollHeight;
    before.current = messages.length;
  }, [messages.length]);
  const carried = turnsCarried(chat);
  return (
    <div className="chat-editor" data-testid="conversation">
      <div className="chat-written">
        {without && <NoTemplate />}
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
            return <Turn key={key} chat={chat} message={message} turn={i} />;
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
