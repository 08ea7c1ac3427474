import type { ReactNode } from 'react';

interface Props {
  name: ReactNode;
  /** Whether another may stand beside it, where there is room. */
  short?: boolean;
  children: ReactNode;
}

/** One line of what is set of an edit: what it is called, and its values. */
export function Detail({ name, short = false, children }: Props) {
  return (
    <div className={short ? 'detail detail-short' : 'detail'}>
      <span className="detail-name">{name}</span>
      <div className="detail-value">{children}</div>
    </div>
  );
}
