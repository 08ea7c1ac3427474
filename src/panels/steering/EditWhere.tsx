import { useMemo } from 'react';
import { useStore } from 'zustand';
import { type Place, parseWhere, writeWhere } from '../../lens/maths/where';
import { namesTurns } from '../../state/reading/place-words';
import { lockedChip } from '../../state/reading/selection';
import { type EditRow, LAST_POSITION, positionsSay } from '../../state/steering/edits';
import { NumberBox } from '../../ui/NumberBox';
import { Term } from '../../ui/Term';
import { useBench, useView } from '../use-workbench';
import { nameOf } from './edit-words';
import { whoseIn, whoseOf, whoseOptions } from './whose';

/** Of the first generated tokens, to begin with. */
const FIRST = 16;

interface Props {
  row: EditRow;
  /** `stepped`: by a key that may be held down. */
  onChange: (where: EditRow['where'], stepped?: boolean) => void;
}

/** Which tokens an edit reaches: when in the run, and in a conversation whose. */
export function EditWhere({ row, onChange }: Props) {
  const chat = useStore(useBench().tracer.store, (s) => s.chat);
  const place = useMemo(() => (Array.isArray(row.where) ? null : parseWhere(row.where)), [row.where]);
  const special = useStore(useBench().tracer.store, (s) => s.reading?.chips.some((chip) => chip.special) ?? false);
  const change = (part: Partial<Place>, stepped = false) => onChange(writeWhere({ ...place, ...part }), stepped);
  return (
    <>
      <Phase row={row} place={place} onChange={onChange} onPhase={(phase) => change({ phase })} />
      {place && typeof place.phase === 'object' && (
        <NumberBox
          label={`How many generated tokens ${nameOf(row)} acts on`}
          value={place.phase.first}
          digits={0}
          step={1}
          min={1}
          max={LAST_POSITION}
          onCommit={(first, stepped) => change({ phase: { first: Math.round(first) } }, stepped)}
        />
      )}
      {place && (chat || namesTurns(place)) && <Whose name={nameOf(row)} place={place} onChange={change} />}
      {place && (chat || special || place.text) && (
        <TemplateTokens place={place} conversation={chat !== null} onChange={change} />
      )}
    </>
  );
}

interface PhaseProps extends Props {
  place: Place | null;
  onPhase: (phase: Place['phase']) => void;
}

/** When in the run; or the positions that are named, and those that are locked. */
function Phase({ row, place, onChange, onPhase }: PhaseProps) {
  const locked = useView((s) => s.locked);
  const reading = useStore(useBench().tracer.store, (s) => s.reading);
  const chip = lockedChip(reading, { locked });
  const fixedAt = Array.isArray(row.where) ? row.where : null;
  const phase = place?.phase;
  const choose = (value: string) => {
    if (value === 'locked' && chip) onChange(Array.from({ length: chip.to - chip.from + 1 }, (_, i) => chip.from + i));
    else if (value === 'first') onPhase({ first: FIRST });
    else if (value === 'prompt' || value === 'generated' || value === 'from-last') onPhase(value);
    else if (value === 'all') onPhase(undefined);
  };
  return (
    <select
      aria-label={`Where ${nameOf(row)} applies`}
      value={fixedAt ? 'fixed' : typeof phase === 'object' ? 'first' : (phase ?? 'all')}
      onChange={(event) => choose(event.target.value)}
    >
      <option value="all">all tokens</option>
      <option value="prompt">prompt</option>
      <option value="generated">generated</option>
      <option value="first">first generated</option>
      <option value="from-last">from the last prompt token</option>
      {fixedAt && <option value="fixed">{positionsSay(fixedAt)}</option>}
      <option value="locked" disabled={!chip}>
        {`locked token (${!chip ? 'none' : chip.from === chip.to ? chip.from : `${chip.from} to ${chip.to}`})`}
      </option>
    </select>
  );
}

interface PartProps {
  place: Place;
  onChange: (part: Partial<Place>) => void;
}

function Whose({ name, place, onChange }: PartProps & { name: string }) {
  const bench = useBench();
  const chat = useStore(bench.tracer.store, (s) => s.chat);
  const can = useStore(bench.engine.store, (s) => s.info?.thinking ?? false);
  const has = useStore(
    bench.tracer.store,
    (s) => s.reading?.chips.some(({ span }) => span?.section === 'thinking') ?? false,
  );
  const own = whoseOf(place);
  return (
    <select
      aria-label={`Whose tokens ${name} acts on`}
      value={own}
      onChange={(event) => onChange(whoseIn(event.target.value))}
    >
      {whoseOptions(chat, can || has, own).map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** As the switch over the tokens, and special tokens with them. Neither answers nor thinking hold any of the
 *  template's. */
function TemplateTokens({ place, conversation, onChange }: PartProps & { conversation: boolean }) {
  const { section, text } = place;
  return (
    <label
      className="switch"
      title={
        section
          ? `The template writes no token of ${section === 'answer' ? 'an answer' : 'what is thought'}.`
          : conversation
            ? 'And other special tokens, such as an end of text'
            : undefined
      }
    >
      <input
        type="checkbox"
        checked={!text && !section}
        disabled={section !== undefined}
        onChange={(event) => onChange({ text: event.target.checked ? undefined : true })}
      />
      <span>Include {conversation ? <Term id="template">template tokens</Term> : 'special tokens'}</span>
    </label>
  );
}
