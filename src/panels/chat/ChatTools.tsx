import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Chat } from '../../lens/api/chat';
import { download } from '../../ui/download';
import { Failure } from '../../ui/Failure';
import { FileButton } from '../../ui/FileButton';
import { readConversation } from '../read-files';
import { useTaken } from '../taken';
import { PromptKind, Steps } from '../tokens/PromptParts';
import { useBench } from '../use-workbench';
import { BranchList } from './BranchList';

/** What belongs to the conversation as a whole. */
export function ChatTools({ chat }: { chat: Chat }) {
  const bench = useBench();
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready');
  return (
    <div className="chat-tools">
      <div className="actions">
        <PromptKind />
        <button type="button" data-testid="trace" disabled={!ready} onClick={() => void bench.tracer.trace()}>
          Trace
        </button>
        <Steps />
      </div>
      <Template chat={chat} />
      <div className="actions">
        <BranchList />
        <button
          type="button"
          className="bare"
          data-testid="new-chat"
          title="An empty conversation, with the template and thinking as they are by default. The one on show is saved as a branch."
          onClick={() => void bench.chat.anew()}
        >
          New
        </button>
        <Exchange chat={chat} />
      </div>
    </div>
  );
}

/** Thinking and the template's name, where there is a choice. */
function Template({ chat }: { chat: Chat }) {
  const bench = useBench();
  const [thinks, templates] = useStore(
    bench.engine.store,
    useShallow((s) => [s.info?.thinking ?? false, s.info?.templates ?? NONE]),
  );
  const many = templates.length > 1;
  if (!thinks && !many) return null;
  const set = (patch: Partial<Chat>) => void bench.chat.step((now) => ({ ...now, ...patch }));
  return (
    <div className="actions">
      {thinks && (
        <label className="switch">
          <input
            type="checkbox"
            checked={chat.thinking ?? false}
            onChange={({ target }) => set({ thinking: target.checked })}
          />
          Thinks first
        </label>
      )}
      {many && (
        <label className="switch">
          Template
          <select value={chat.template ?? 'default'} onChange={({ target }) => set({ template: target.value })}>
            {templates.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

const NONE: readonly string[] = [];

/** The conversation as a file, and back. */
function Exchange({ chat }: { chat: Chat }) {
  const bench = useBench();
  const { says, error, take } = useTaken(async (file) => {
    await readConversation(bench, file);
    return `${file.name} is read.`;
  });
  const save = async () => {
    const { writeMessages } = await import('../../state/chat/messages-file');
    download('conversation.json', 'application/json', writeMessages(chat));
  };
  return (
    <>
      <button
        type="button"
        className="bare"
        data-testid="chat-export"
        title="The turns as the common JSON of messages: without the template’s name, whether it thinks first, and whether the last answer is only begun"
        onClick={() => void save()}
      >
        Export
      </button>
      <FileButton
        label="Import"
        accept=".json,.gz,application/json"
        testId="chat-file"
        buttonTestId="chat-import"
        title="Messages as JSON: role and content. The conversation on show is saved as a branch."
        bare
        onFile={take}
      />
      <span className="hidden" role="status">
        {says}
      </span>
      {error && <Failure error={error} kept="The conversation is kept." />}
    </>
  );
}
