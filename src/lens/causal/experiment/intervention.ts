import type { Edit } from '../../api/edit';
import { InvalidEditError } from '../../api/errors';
import { actsOn, randomSeed, vectorOf } from '../../maths/control';
import type { Claim, Intervention, SentenceIntervention, Where } from './experiment';

/** The layers on which an intervention acts, ascending. */
export function layersOf(intervention: Intervention): number[] {
  const layers =
    intervention.kind === 'edits'
      ? intervention.edits.map(({ layer }) => layer)
      : intervention.kind === 'group'
        ? intervention.features.map(({ layer }) => layer)
        : [intervention.layer];
  return [...new Set(layers)].sort((a, b) => a - b);
}

/** Whether an intervention moves along something else than decoder rows: a vector or a sentence. */
export const alongVector = (of: Intervention): boolean =>
  of.kind === 'direction' ||
  of.kind === 'sentence' ||
  (of.kind === 'edits' && of.edits.some((edit) => vectorOf(edit) !== undefined));

export const sentencesOf = ({ text, instead }: SentenceIntervention) => [
  text,
  ...(instead === undefined ? [] : [instead]),
];

/** Edits or a group at a dose, as the engine takes them. Positions for `where` forms of the bench's own are asked of
 *  `positions`, since they differ by prompt. Throws InvalidEditError for an intervention that is no list of edits. */
export function editsOf(
  intervention: Intervention,
  dose: number,
  positions: (where: { last: number } | { match: string }) => number[],
): Edit[] {
  const at = (where: Where): Pick<Edit, 'where'> => ({
    where: typeof where === 'string' || Array.isArray(where) ? where : positions(where),
  });
  if (intervention.kind === 'edits')
    return intervention.edits.map((edit) => ({ ...edit, strength: edit.strength * dose }));
  if (intervention.kind !== 'group')
    throw new InvalidEditError(`A ${intervention.kind} is resolved with the model: it is no list of edits.`);
  const { features, mode, strength, on, where } = intervention;
  return features.map(({ layer, feature }) => ({
    layer,
    feature,
    mode,
    strength: strength * dose,
    ...(on !== undefined && { on }),
    ...at(where),
  }));
}

/** Why an intervention removes nothing and so cannot show a use; null where it can: it takes away what is active by
 *  itself, at most all of it, by ablating, scaling down or projecting out. */
export function noUse({
  intervention: of,
  dose,
  doses = [],
}: Pick<Claim, 'intervention' | 'dose' | 'doses'>): string | null {
  const removes = (mode: string, strength: number) => {
    const amounts = [dose, ...doses].map((factor) => factor * (mode === 'scale' ? -strength : strength));
    return (mode === 'ablate' || mode === 'scale' || mode === 'project') && amounts.every((x) => x > 0 && x <= 1);
  };
  const all =
    of.kind === 'edits'
      ? of.edits.every(({ mode, strength }) => removes(mode, strength))
      : of.kind === 'group'
        ? removes(of.mode, of.strength)
        : removes(of.op, of.strength);
  return all
    ? null
    : 'must be drives: a use is shown by removing what is there (ablate or project at strength times dose above 0 and to 1, or scale at -1 to below 0)';
}

/** Positions ascending, each once. */
export const plainWhere = <W>(where: W | number[]): W | number[] =>
  Array.isArray(where) ? [...new Set(where as number[])].sort((a, b) => a - b) : where;

/** An edit by one spelling for each meaning, in one order of keys. */
export function plainEdit(edit: Edit): Edit {
  const { layer, feature, mode, strength, where = 'all', when, direction } = edit;
  const along = direction === 'feature' ? undefined : direction;
  return {
    layer,
    ...(feature !== undefined && { feature }),
    mode,
    strength: strength + 0,
    ...(mode !== 'add' && { on: actsOn(edit) }),
    where: plainWhere(where),
    ...(when !== undefined && { when }),
    ...(along !== undefined && { direction: along }),
  };
}

export const isRandom = (edit: Edit): boolean => randomSeed(edit) !== null;
