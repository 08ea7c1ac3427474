import { useRef } from 'react';

interface Props {
  label: string;
  /** Endings and types; without it any file. */
  accept?: string;
  /** Asks for a folder: for all its files, each with its path in it. */
  folder?: boolean;
  testId: string;
  onFiles: (files: File[]) => void;
}

/** A button that asks for files; the same ones may be chosen again. */
export function FilesButton({ label, accept, folder = false, testId, onFiles }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={(element) => {
          input.current = element;
          // React knows no such property.
          element?.toggleAttribute('webkitdirectory', folder);
        }}
        hidden
        multiple
        type="file"
        accept={accept}
        data-testid={testId}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length) onFiles(files);
        }}
      />
    </>
  );
}
