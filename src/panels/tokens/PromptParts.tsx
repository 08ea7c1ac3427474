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

/** Whether what the tokenizer puts before a text stands there; nothing where it puts nothing. */
export function FirstToken() {
  const bench = useBench();
  const bos = useStore(bench.engine.store, (s) => s.info?.bos ?? null);
  const on = useStore(bench.tracer.store, (s) => s.bos);
  if (bos === null) return null;
  return (
    <label
      className="switch"
      title="The tokenizer puts this before every text, as it does in Hugging Face’s libraries. Without it every activation is another."
    >
      <input
        type="checkbox"
        data-testid="bos"
        checked={on}
        onChange={({ target }) => void bench.putFirst(target.checked)}
      />
      Begin with <span className="mono">{bos}</span>
    </label>
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
