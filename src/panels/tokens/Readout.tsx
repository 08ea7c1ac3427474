import type { SiteCodes, SiteInfo } from '../../lens/types';
import { chipAt } from '../../state/chips';
import { activationsOf } from '../../state/rank';
import type { Reading } from '../../state/trace';
import { figure, fixed } from '../../ui/format';
import { spoken } from '../../ui/token-pieces';
import { useShownFeature, useView } from '../bench';
import { chipValue } from './chip-fill';

/** One fixed line for what is under the pointer, or else for the locked token. */
export function Readout({ reading, site, codes }: { reading: Reading; site: SiteInfo; codes: SiteCodes }) {
  const position = useView((s) => s.hover ?? s.locked);
  const feature = useShownFeature();
  const chip = chipAt(reading.chips, position);
  if (!chip) return <p className="readout figures">{`${reading.count} tokens. No token locked: point at one to read it, click to lock it.`}</p>;
  const activation = feature === null ? Number.NaN : chipValue(chip, activationsOf(codes, feature));
  const parts = [
    `position ${chip.from === chip.to ? chip.from : `${chip.from}–${chip.to}`}`,
    ...(feature === null ? [] : [`${site.layer}:${feature} ${figure(activation)}`]),
    `surprisal ${fixed(chipValue(chip, reading.surprisal), 2)} nats`,
    `FVU ${fixed(chipValue(chip, codes.fvu), 3)}`,
    `residual norm ${figure(chipValue(chip, codes.norm))}`,
  ];
  return (
    <p className="readout figures" data-testid="readout">
      <span className="mono">“{spoken(chip.text)}”</span> {parts.join(' · ')}
    </p>
  );
}
