import { useRef } from 'react';

interface Props {
  label: string;
  /** As of an input: endings and types. */
  accept: string;
  onFile: (file: File) => void;
  /** Of the input, which a test gives a file to. */
  testId: string;
  /** Of the button. */
  buttonTestId?: string;
  disabled?: boolean;
  title?: string;
  bare?: boolean;
}

/** A button that asks for one file; the same one may be chosen again. What is too large is for `readFile` to refuse. */
export function FileButton({ label, accept, onFile, testId, buttonTestId, disabled, title, bare = false }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className={bare ? 'bare' : undefined}
        data-testid={buttonTestId}
        disabled={disabled}
        title={title}
        onClick={() => input.current?.click()}
      >
        {label}
      </button>
      <input
        ref={input}
        hidden
        type="file"
        accept={accept}
        data-testid={testId}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = '';
          if (file) onFile(file);
        }}
      />
    </>
  );
}
