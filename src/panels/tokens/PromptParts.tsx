import { useStore } from 'zustand';
import { Choice } from '../../ui/Choice';
import { useBench } from '../use-workbench';

const KINDS = [
  { value: 'text', label: 'Text', title: 'The model runs the text as it is.' },
  { value: 'chat', label: 'Conversation', title: 'The model’s chat template writes the text from turns.' },
] as const;

/** Whether the model runs a text or a conversation. */
export function PromptKind() {
  const bench = useBench();
  const talks = useStore(bench.tracer.store, (s) => s.chat !== null);
  return (
    <Choice
      name="prompt-kind"
      label="What the model runs"
      testId="prompt-kind"
      options={KINDS}
      value={talks ? 'chat' : 'text'}
      onChange={(kind) => void (kind === 'chat' ? bench.chat.open() : bench.chat.leave())}
    />
  );
}

/** What was done last, taken back and done again. */
export function Steps() {
  const bench = useBench();
  const { back, forth } = useStore(bench.history.store, (s) => s);
  return (
    <>
      <button
        type="button"
        className="bare"
        data-testid="undo"
        disabled={back === 0}
        title="Ctrl-Z"
        onClick={() => bench.undo()}
      >
        Undo
      </button>
      <button
        type="button"
        className="bare"
        data-testid="redo"
        disabled={forth === 0}
        title="Ctrl-Shift-Z"
        onClick={() => bench.redo()}
      >
        Redo
      </button>
    </>
  );
}
