import { Fragment } from 'react';
import { useStore } from 'zustand';
import type { NoticeSource } from '../../state/page/notices';
import { useBench } from '../use-workbench';

/** What was asked of the page and could not be had; each source's part goes by itself. With `of`, that of these sources
 *  alone. */
export function Notices({ of, testId }: { of?: readonly NoticeSource[]; testId: string }) {
  const { notices } = useBench();
  const all = useStore(notices.store, (s) => s.list);
  const list = of ? all.filter(({ source }) => of.includes(source)) : all;
  return (
    <div role="status">
      {list.length > 0 && (
        <p className="caption" data-testid={testId}>
          {list.map(({ source, lines }, i) => (
            <Fragment key={source}>
              {i > 0 && ' '}
              {lines.join(' ')}{' '}
              <button type="button" className="bare" onClick={() => notices.say(source, [])}>
                Dismiss
              </button>
            </Fragment>
          ))}
        </p>
      )}
    </div>
  );
}
