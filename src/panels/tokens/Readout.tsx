import { useMemo } from 'react';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { count, figure, fvu, surprisal as surprisalSays } from '../../lens/maths/figures';
import { latentOf } from '../../lens/maths/report';
import { chipAt, isTemplate } from '../../state/reading/chips';
import { errorName } from '../../state/reading/error-name';
import { isConversation, positionsOf } from '../../state/reading/positions';
import { fvuOver, over } from '../../state/reading/rank';
import { scopeSays } from '../../state/reading/scopes';
import { selectionOf } from '../../state/reading/selection';
import { holdsSink, sinksAt } from '../../state/reading/sinks';
import type { Reading } from '../../state/reading/trace';
import { Term } from '../../ui/Term';
import { spoken } from '../../ui/token-pieces';
import { markAt, markSays, useEditMarks } from '../steering/use-edit-marks';
import { useShownFeature, useView } from '../use-workbench';
import { chipValue, positionSays, says } from './chip-fill';

/** What the dictionary's layer knows of a text. */
interface At {
  site: SiteInfo;
  codes: SiteCodes;
}

/** One fixed line for what is under the pointer, or else for the locked token or the selection. `at` is null where no
 *  dictionary is open. */
export function Readout({ reading, at }: { reading: Reading; at: At | null }) {
  const hover = useView((s) => s.hover);
  const locked = useView((s) => s.locked);
  const anchor = useView((s) => s.anchor);
  const feature = useShownFeature();
  const scope = useView((s) => (isConversation(reading) ? s.scope : null));
  const first = useView((s) => s.first);
  const template = useView((s) => s.template);
  const sinks = sinksAt(reading, at?.site.layer ?? null);
  const span = hover === null ? selectionOf(reading, { locked, anchor }) : null;
  const chip = chipAt(reading.chips, hover ?? locked);
  const edit = useEditMarks(reading.count);
  const mark = chip && markAt(edit, chip);
  const name = at && feature !== null ? `${at.site.layer}:${feature}` : null;
  const codes = at?.codes;
  const values = useMemo(() => (feature === null || !codes ? null : latentOf(codes, feature)), [codes, feature]);
  const several = span !== null && chip !== null && (span.from < chip.from || span.to > chip.to);
  if (several || (!chip && scope !== null)) {
    const where = several ? `tokens ${span.from} to ${span.to}` : scopeSays(scope!);
    const positions = positionsOf(reading, { locked, anchor, scope, first, template, sinks });
    return (
      <p className="readout figures" data-testid="readout">
        {`${where}, ${spanSays(positions, values && name ? { name, values } : null, reading.surprisal, at)}`}
      </p>
    );
  }
  if (!chip) {
    return (
      <p className="readout figures">
        {count(reading.count)} tokens
        <InTurns reading={reading} />. Point at one to read it; click to lock it; drag to select several.
      </p>
    );
  }
  const parts = [
    `position ${positionSays(chip, '–')}`,
    ...(values && name ? [says.activation(name, chipValue(chip, values))] : []),
    says.surprisal(chipValue(chip, reading.surprisal)),
    ...(at
      ? [
          says.error(errorName(at.site).short, chipValue(chip, at.codes.fvu)),
          `residual norm ${figure(chipValue(chip, at.codes.norm))}`,
        ]
      : []),
    ...(chip.from > 0 && holdsSink(chip, sinks) ? ['attention sink'] : []),
    ...(mark && edit ? [markSays(mark, edit.name)] : []),
  ];
  return (
    <p className="readout figures" data-testid="readout">
      <span className="mono">“{spoken(chip.text)}”</span> {parts.join(' · ')}
    </p>
  );
}

function InTurns({ reading }: { reading: Reading }) {
  const said = reading.chips.filter((chip) => !isTemplate(chip));
  const turns = new Set(said.map(({ span }) => span?.turn)).size;
  return (
    isConversation(reading) && (
      <>
        {' '}
        in {count(turns)} <Term id="turn">turns</Term>
      </>
    )
  );
}

/** Several tokens in figures: of the chosen feature largest, mean and count, mean surprisal, and the error as the ratio
 *  of sums. */
function spanSays(
  positions: readonly number[],
  of: { name: string; values: Float32Array } | null,
  surprisal: Float32Array,
  at: At | null,
): string {
  const parts = [`n ${positions.length}`];
  if (of) {
    const { max, mean, count: active } = over(of.values, positions);
    parts.push(`${of.name} max ${figure(max)}, mean ${figure(mean)}, active on ${active}`);
  }
  parts.push(`mean surprisal ${surprisalSays(over(surprisal, positions).mean)} nats`);
  if (at) parts.push(`${errorName(at.site).short} ${fvu(fvuOver(at.codes, positions))}`);
  return parts.join(' · ');
}
