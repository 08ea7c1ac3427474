import { useMemo } from 'react';
import { useStore } from 'zustand';
import { ROLES, type Role } from '../../lens/api/chat';
import { type Place, parseWhere, writeWhere } from '../../lens/maths/where';
import { namesTurns, tokensSay } from '../../state/reading/place-words';
import { lockedChip } from '../../state/reading/selection';
import { type EditRow, LAST_POSITION, positionsSay } from '../../state/steering/edits';
import { NumberBox } from '../../ui/NumberBox';
import { useBench, useView } from '../use-workbench';
import { nameOf } from './edit-words';

/** Of the first generated tokens, to begin with. */
const FIRST = 16;
/** What a choice stands at that leaves open whose tokens, or which. */
const ANY = 'any';

interface Props {
  row: EditRow;
  onChange: (where: EditRow['where']) => void;
}

/** Which tokens an edit reaches: when in the run, and in a conversation whose and which of them. */
export function EditWhere({ row, onChange }: Props) {
  const chat = useStore(useBench().tracer.store, (s) => s.chat);
  const place = useMemo(() => (Array.isArray(row.where) ? null : parseWhere(row.where)), [row.where]);
  const name = nameOf(row);
  const change = (part: Partial<Place>) => onChange(writeWhere({ ...place, ...part }));
  return (
    <>
      <Phase row={row} place={place} onChange={onChange} onPhase={(phase) => change({ phase })} />
      {place && typeof place.phase === 'object' && (
        <NumberBox
          label={`How many generated tokens ${name} acts on`}
          value={place.phase.first}
          digits={0}
          step={1}
          min={1}
          max={LAST_POSITION}
          onCommit={(first) => change({ phase: { first: Math.round(first) } })}
        />
      )}
      {place && (chat || namesTurns(place)) && (
        <>
          <Speaker name={name} place={place} onChange={change} />
          <select
            aria-label={`What of the turns ${name} acts on`}
            value={place.section ?? ANY}
            onChange={(event) => change({ section: sectionOf(event.target.value) })}
          >
            <option value={ANY}>thinking and answers</option>
            <option value="thinking">thinking only</option>
            <option value="answer">answers only</option>
          </select>
        </>
      )}
      {place && (chat || place.text) && (
        <label className="switch">
          <input
            type="checkbox"
            checked={place.text ?? false}
            onChange={(event) => change({ text: event.target.checked || undefined })}
          />
          not on template tokens
        </label>
      )}
    </>
  );
}

const sectionOf = (value: string): Place['section'] => (value === 'thinking' || value === 'answer' ? value : undefined);

interface PhaseProps extends Props {
  place: Place | null;
  onPhase: (phase: Place['phase']) => void;
}

/** When in the run; or the positions that are named, and that of the locked token. */
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
      <option value="from-last">from the last prompt token on</option>
      {fixedAt && <option value="fixed">{positionsSay(fixedAt)}</option>}
      <option value="locked" disabled={!chip}>
        {`locked token (${!chip ? 'none' : chip.from === chip.to ? chip.from : `${chip.from} to ${chip.to}`})`}
      </option>
    </select>
  );
}

interface SpeakerProps {
  name: string;
  place: Place;
  onChange: (part: Pick<Place, 'role' | 'turn'>) => void;
}

/** Whose turns, or which one: those that there are, the one that is generated, and what stands in the row. */
function Speaker({ name, place, onChange }: SpeakerProps) {
  const chat = useStore(useBench().tracer.store, (s) => s.chat);
  const roles = chat?.messages.map(({ role }) => role) ?? [];
  const turns: (Role | null)[] = roles.length > 0 && roles.at(-1) !== 'assistant' ? [...roles, 'assistant'] : roles;
  const { role, turn } = place;
  const own = role === undefined && turn === undefined ? ANY : writeWhere({ role, turn });
  const known = [...ROLES, ...turns.map((_, i) => `turn${i}`)];
  return (
    <select
      aria-label={`Whose turns ${name} acts on`}
      value={own}
      onChange={(event) => {
        const { value } = event.target;
        const { role: speaker, turn: nth } = value === ANY ? {} : parseWhere(value);
        onChange({ role: speaker, turn: nth });
      }}
    >
      <option value={ANY}>of all turns</option>
      {ROLES.map((speaker) => (
        <option key={speaker} value={speaker}>
          {tokensSay({ role: speaker })}
        </option>
      ))}
      {turns.map((speaker, i) => {
        const value = `turn${i}`;
        return <option key={value} value={value}>{`turn ${i}, ${speaker}`}</option>;
      })}
      {own !== ANY && !known.includes(own) && <option value={own}>{tokensSay({ role, turn })}</option>}
    </select>
  );
}
