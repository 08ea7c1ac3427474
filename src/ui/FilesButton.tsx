import { useRef } from 'react';

/** A button that asks for files; the same ones may be chosen again. */
export function FilesButton({
  label,
  accept,
  testId,
  onFiles,
}: {
  label: string;
  accept: string;
  testId: string;
  onFiles: (files: File[]) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
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
