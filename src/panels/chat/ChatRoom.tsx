import type { Chat } from '../../lens/api/chat';
import './chat.css';

/** The room of a conversation whose parts are being loaded: as high as they will be, so that nothing below moves. */
export function ChatRoom({ chat: { messages } }: { chat: Chat }) {
  return (
    <div className="chat-editor chat-room" aria-hidden="true" data-testid="chat-room">
      <div className="chat-written">
        {messages[0]?.role !== 'system' && <span className="add-system" />}
        <ol className="turns">
          {messages.map(({ content }, i) => {
            // Turns have no identity but their place.
            const key = `${i}`;
            return (
              <li key={key} className="turn">
                <span className="turn-who" />
                <span className="turn-said">
                  <span className="grows" data-value={content} />
                </span>
                <span className="turn-acts">
                  <span className="turn-all" />
                </span>
              </li>
            );
          })}
        </ol>
        <div className="composer">
          <span className="grows" data-value="" />
          <span className="turn-acts">Send Answer</span>
        </div>
        <p className="caption composer-says" />
      </div>
      <div className="chat-tools">
        <div className="actions turn-acts">Text Conversation Trace Undo Redo</div>
        <div className="actions turn-acts">Branches New Export Import</div>
      </div>
    </div>
  );
}
