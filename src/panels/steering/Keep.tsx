import type { StreamKind } from '../../state/base/view';
import { focusTarget } from '../../ui/focus-targets';
import { useBench } from '../use-workbench';

interface Props {
  kind: StreamKind;
  /** The last token that is kept; undefined: all. */
  index?: number | undefined;
  testId: string;
  disabled?: boolean;
}

/** Makes a generated text the assistant's turn; what is said next is written behind it. */
export function Keep({ kind, index, testId, disabled = false }: Props) {
  const bench = useBench();
  const keep = async () => {
    // At once where it stands, so that the next words are typed there.
    focusTarget('composer');
    const { chat } = bench.tracer.store.getState();
    await bench.chat.keep(kind, index);
    if (!chat) focusTarget('composer');
  };
  return (
    <button
      type="button"
      className="bare"
      data-testid={testId}
      disabled={disabled}
      aria-label={`Keep ${index === undefined ? '' : 'up to here '}as the assistant’s turn: ${kind}`}
      onClick={() => void keep()}
    >
      {index === undefined ? 'Keep' : 'Keep up to here'}
    </button>
  );
}
