import { useRef } from 'react';
import { useStore } from 'zustand';
import { type Branch, branchName, originSays } from '../../state/chat/branches';
import { LONGEST_NAME, MOST_BRANCHES } from '../../state/chat/limits';
import { useComposed } from '../../ui/use-composed';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { usePopover } from '../../ui/use-popover';
import { TakenSays } from '../taken';
import { useBench } from '../use-workbench';

const SIZE = { width: 440, height: 360 };

/** The branches, behind a button: named, returned to, removed. */
export function BranchList() {
  const bench = useBench();
  const count = useStore(bench.chat.branches.store, (s) => s.list.length);
  const { open, button, box } = usePopover(SIZE);
  return (
    <>
      <button
        type="button"
        className="bare"
        data-testid="branches"
        onPointerEnter={() => void bench.chat.branches.need()}
        {...button}
      >
        Branches{count > 0 && ` ${count}`}
      </button>
      <div {...box} className="popover branches" role="dialog" aria-label="Branches">
        {open && <List />}
      </div>
    </>
  );
}

function List() {
  const bench = useBench();
  const list = useStore(bench.chat.branches.store, (s) => s.list);
  const removed = useStore(bench.chat.branches.store, (s) => s.removed);
  const storage = useStore(bench.chat.branches.store, (s) => s.storage);
  const shown = useStore(bench.chat.store, (s) => s.shown);
  const lost = useFocusWhereLost(list.length);
  const heading = useRef<HTMLHeadingElement>(null);
  // From a button that goes, or can no longer be pressed.
  const toHeading = () => heading.current?.focus();
  return (
    <>
      <div className="actions">
        <h3
          ref={(element) => {
            heading.current = element;
            lost(element);
          }}
          tabIndex={-1}
        >
          Branches
        </h3>
        <button
          type="button"
          disabled={shown !== null}
          data-testid="hold"
          onClick={() => {
            toHeading();
            bench.chat.hold();
          }}
        >
          {shown === null ? 'Save as branch' : 'Saved'}
        </button>
      </div>
      {list.length === 0 ? (
        <p className="empty">
          No branch. Save this conversation as one, or click a generated token and choose another in its place: both
          stay.
        </p>
      ) : (
        <ol>
          {list.map((branch) => (
            <BranchRow key={branch.id} branch={branch} shown={branch.id === shown} onReturn={toHeading} />
          ))}
        </ol>
      )}
      <TakenSays
        says={list.length >= MOST_BRANCHES ? `${MOST_BRANCHES} are saved; the oldest without a name go.` : null}
        removed={removed && `“${branchName(removed)}” is removed.`}
        onPutBack={bench.chat.branches.putBack}
        className="branches-says"
        testId="branches-says"
      />
      <p className="caption">
        {storage === 'tab'
          ? 'Saved until this tab is closed: storage is closed here.'
          : 'On this machine only, in this browser.'}
      </p>
    </>
  );
}

function BranchRow({ branch, shown, onReturn }: { branch: Branch; shown: boolean; onReturn: () => void }) {
  const bench = useBench();
  const { branches } = bench.chat;
  const { id, from, chat } = branch;
  const name = branchName(branch);
  const box = useComposed(branch.name, (typed) => branches.rename(id, typed));
  const turns = chat.messages.length;
  return (
    <li className="branch" data-testid="branch" data-shown={shown}>
      <input
        className="name-box"
        aria-label={`Name of “${name}”`}
        placeholder={name}
        maxLength={LONGEST_NAME}
        {...box}
        onBlur={() => branches.settleName(id)}
      />
      {shown ? (
        <span className="caption">on show</span>
      ) : (
        <button
          type="button"
          aria-label={`Return to “${name}”`}
          onClick={() => {
            onReturn();
            void bench.chat.back(id);
          }}
        >
          Return
        </button>
      )}
      <button type="button" className="bare" aria-label={`Remove “${name}”`} onClick={() => branches.remove(id)}>
        Remove
      </button>
      <span className="caption figures">
        {turns} {turns === 1 ? 'turn' : 'turns'}
        {from && `, ${originSays(from)}`}
      </span>
    </li>
  );
}
