import { createContext, type ReactNode, type RefCallback, useContext, useId } from 'react';

/** Where the frame of places hears of a place's heading: that is where focus goes when the reader goes there. */
export const PlaceHeading = createContext<RefCallback<HTMLHeadingElement>>(() => {});

/** A place beside the sheet: its heading and what is in it. */
export function Place({ title, testId, children }: { title: string; testId: string; children: ReactNode }) {
  const heading = useContext(PlaceHeading);
  const id = useId();
  return (
    <section className="place-inner" aria-labelledby={id} data-testid={testId}>
      <h2 ref={heading} id={id} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}
