import { createContext, type DragEvent, type ReactNode, type RefCallback, useContext, useId } from 'react';

/** Where the frame of places hears of a place's heading: that is where focus goes when the reader goes there. */
export const PlaceHeading = createContext<RefCallback<HTMLHeadingElement>>(() => {});

/** A place beside the sheet: its heading and what is in it. With `onDropFile` a file may be dropped anywhere on it. */
export function Place({
  title,
  testId,
  onDropFile,
  children,
}: {
  title: string;
  testId: string;
  onDropFile?: (file: File) => void;
  children: ReactNode;
}) {
  const heading = useContext(PlaceHeading);
  const id = useId();
  // A box takes text that is dragged into it.
  const ofFile = (event: DragEvent) => onDropFile && event.dataTransfer.types.includes('Files');
  const drop = (event: DragEvent) => {
    const [file] = event.dataTransfer.files;
    if (!ofFile(event) || !file) return;
    event.preventDefault();
    onDropFile?.(file);
  };
  return (
    <section
      className="place-inner"
      aria-labelledby={id}
      data-testid={testId}
      onDragOver={(event) => ofFile(event) && event.preventDefault()}
      onDrop={drop}
    >
      <h2 ref={heading} id={id} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}
