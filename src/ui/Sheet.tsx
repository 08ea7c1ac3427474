import { type ReactNode, useLayoutEffect, useRef } from 'react';

/** A sheet over the page: the browser's own modal dialog, so that focus stays inside and Esc closes it. Focus goes back
 *  to where it was. */
export function Sheet({
  title,
  onClose,
  children,
  testId,
  wide = false,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  testId: string;
  wide?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before any focus that the closing leads to.
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a press beside the sheet closes it, as Esc does by itself
    <dialog
      ref={dialog}
      className={wide ? 'sheet sheet-wide' : 'sheet'}
      aria-label={title}
      data-testid={testId}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="sheet-inner">
        <div className="region-head">
          <h2>{title}</h2>
          <button type="button" className="bare" onClick={onClose}>
            Close
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
