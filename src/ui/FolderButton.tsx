import { useRef } from 'react';

/** A button that asks for a folder: all its files, each with its path in it. */
export function FolderButton({
  label,
  testId,
  onFiles,
}: {
  label: string;
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
        ref={(element) => {
          input.current = element;
          // React knows no such property.
          element?.setAttribute('webkitdirectory', '');
        }}
        hidden
        type="file"
        multiple
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
