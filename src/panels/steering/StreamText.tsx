import { Fragment, type KeyboardEvent, memo, useEffect, useRef } from 'react';
import type { GeneratedRow } from '../../lens/api/generate';
import { probability, surprisal } from '../../lens/maths/figures';
import type { StreamKind } from '../../state/base/view';
import { useFocusTarget } from '../../ui/focus-targets';
import { codeOf, type Piece, piecesOf, spoken } from '../../ui/token-pieces';
import { countRender } from '../render-count';
import { useBench, useView } from '../use-workbench';
import { ending } from './ending';
import { stepBy, usePoint, useStep } from './steps';
import { useStreamMarks } from './use-stream-marks';

/** Tokens that are looked at together for what changed. */
const BLOCK = 32;

interface Marks {
  /** Per token: true where it has no partner in the text it is compared with. */
  marks: readonly boolean[] | undefined;
}

interface Props extends Marks {
  kind: StreamKind;
  title: string;
  rows: readonly GeneratedRow[];
}

/** A generated text: arrows or the pointer go through its tokens, a click or Enter locks one, Esc unlocks. A token has
 *  no identity but its place. */
export function StreamText({ kind, title, rows, marks }: Props) {
  const bench = useBench();
  const text = useRef<HTMLDivElement>(null);
  useFocusTarget(`run-${kind}`, text);
  const byKey = useRef(false);
  useStreamMarks(kind, rows, text);
  const point = usePoint();
  const step = useStep((now) => (now !== null && now < rows.length ? now : null));
  const locked = useView((s) => s.generated?.index ?? null);
  useEffect(() => {
    if (byKey.current && step !== null) text.current?.children[step]?.scrollIntoView({ block: 'nearest' });
    byKey.current = false;
  }, [step]);
  useEffect(() => {
    if (locked !== null) text.current?.children[locked]?.scrollIntoView({ block: 'nearest' });
  }, [locked]);
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const next = stepBy(event.key, step ?? locked, rows.length);
    if (next !== null) {
      byKey.current = next !== step;
      point(next);
      // A locked token moves along, as it does in the prompt.
      if (locked !== null) bench.view.set({ generated: { stream: kind, index: next } });
    } else if ((event.key === 'Enter' || event.key === ' ') && step !== null) bench.view.toggleGenerated(kind, step);
    else return;
    event.preventDefault();
  };
  const tokenOf = (event: { target: EventTarget }) => {
    const at = (event.target as Element).closest<HTMLElement>('[data-i]')?.dataset.i;
    return at === undefined ? null : Number(at);
  };
  const lock = (index: number | null) => {
    // The end of a selection with the pointer is no click.
    if (index !== null && getSelection()?.isCollapsed !== false) bench.view.toggleGenerated(kind, index);
  };
  return (
    <div
      ref={text}
      className="stream-text mono"
      role="listbox"
      aria-label={`${title}, ${rows.length} tokens`}
      aria-orientation="horizontal"
      aria-activedescendant={step === null ? undefined : idOf(kind, step)}
      data-testid={`run-${kind}`}
      data-tokens={rows.length}
      tabIndex={0}
      onKeyDown={keys}
      onBlur={() => point(null)}
      onPointerOver={(event) => {
        const over = tokenOf(event);
        if (over !== null) point(over);
      }}
      onPointerLeave={() => point(null)}
      onClick={(event) => lock(tokenOf(event))}
    >
      {Array.from({ length: Math.ceil(rows.length / BLOCK) }, (_, block) => {
        const key = `${block}`;
        return <Block key={key} kind={kind} from={block * BLOCK} rows={rows} marks={marks} />;
      })}
    </div>
  );
}

const idOf = (kind: StreamKind, i: number): string => `${kind}-${i}`;

interface BlockProps extends Marks {
  kind: StreamKind;
  from: number;
  rows: readonly GeneratedRow[];
}

/** Whether a block of tokens shows the same: rows are appended and never changed. */
function sameBlock(a: BlockProps, b: BlockProps): boolean {
  const to = Math.min(a.from + BLOCK, Math.max(a.rows.length, b.rows.length));
  for (let i = a.from; i < to; i++) {
    if (a.rows[i] !== b.rows[i] || (a.marks?.[i] ?? false) !== (b.marks?.[i] ?? false)) return false;
  }
  return true;
}

const Block = memo(function Block({ kind, from, rows, marks }: BlockProps) {
  const here = (i: number | null | undefined) =>
    i !== null && i !== undefined && i >= from && i < from + BLOCK ? i : null;
  const step = useStep(here);
  const index = useView((s) => here(s.generated?.index));
  const own = useView((s) => s.generated?.stream === kind);
  return rows.slice(from, from + BLOCK).map((row, offset) => {
    const i = from + offset;
    const state = `${marks?.[i] ? ' parted' : ''}${step === i ? ' at-step' : ''}${index === i ? ' at-lock' : ''}`;
    return <StreamToken key={idOf(kind, i)} kind={kind} row={row} i={i} state={state} selected={own && index === i} />;
  });
}, sameBlock);

const StreamToken = memo(function StreamToken({
  kind,
  row,
  i,
  state,
  selected,
}: {
  kind: StreamKind;
  row: GeneratedRow;
  i: number;
  state: string;
  selected: boolean;
}) {
  countRender('generated token');
  const said = spoken(row.text);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the text holds the focus and names its active token
    <span
      id={idOf(kind, i)}
      role="option"
      aria-selected={selected}
      aria-label={said === row.text.trim() ? undefined : said}
      data-i={i}
      className={`stream-token${row.section === 'thinking' ? ' stream-thinking' : ''}${state}`}
      title={`${row.section === 'thinking' ? 'thinking, ' : ''}logprob ${surprisal(row.logprob)}, p ${probability(Math.exp(row.logprob))}`}
    >
      {/* A line may end before any token, or a word that grows would move to the next line. */}
      <wbr />
      <Written text={row.text} />
      {row.done && ending[row.done] && <i className="stream-end">{ending[row.done]}</i>}
    </span>
  );
});

/** In running text a mark or a joiner meets the sign of the token before it. */
const isDrawn = ({ kind, text }: Piece): boolean =>
  kind === 'newline' || (kind === 'control' && !/^(?:\p{M}|\u200c|\u200d)/u.test(text));

/** The text, with a sign drawn at each line end, so that there is something to point at, and the number of each sign that
 *  hides or reorders what it stands in. Copying gives the text alone. */
function Written({ text }: { text: string }) {
  const pieces = piecesOf(text);
  if (!pieces.some(isDrawn)) return text;
  return pieces.map(({ kind, text: sign }, i) => {
    // Pieces have no identity but their place.
    const key = `${i}`;
    if (kind === 'newline')
      return (
        <Fragment key={key}>
          <svg className="token-sign" viewBox="0 0 10 10" aria-hidden="true">
            <path d="M8.5 2v4h-6M4.5 4l-2 2 2 2" />
          </svg>
          {'\n'}
        </Fragment>
      );
    if (!isDrawn({ kind, text: sign })) return <Fragment key={key}>{sign}</Fragment>;
    return (
      <i key={key} className="token-mark token-code stream-code" data-code={codeOf(sign)}>
        <span>{sign}</span>
      </i>
    );
  });
}
