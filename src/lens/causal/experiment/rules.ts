import { refuse } from '../../exchange/schemas';
import { canonical } from '../predicates/answer';
import { needsOf } from '../predicates/needs';
import { type Claim, type Experiment, MAIN } from './experiment';
import { alongVector, layersOf } from './intervention';

/** Fewest draws of a control family: with fewer the rank of one claim cannot reach .05. */
export const LEAST_DRAWS = 19;
/** What the two stages of the standard design may draw. */
const STANDARD_DRAWS = 99;

/** Rules over several parts of an experiment. Throws CorruptFileError with the key. */
export function checkTogether(experiment: Experiment, file: string): void {
  checkNames(experiment, file);
  checkExpected(experiment, file);
  checkSentences(experiment, file);
  checkDesign(experiment, file);
  checkControls(experiment, file);
}

function checkNames({ prompts, outcomes, claims }: Experiment, file: string): void {
  if (!Object.hasOwn(prompts, MAIN))
    refuse(file, 'prompts', `must hold the set "${MAIN}", which the claims are about`, undefined);
  for (const [name, { items, excluded }] of Object.entries(prompts)) {
    const at = `${file}: prompts: ${name}`;
    if (items.length === 0) refuse(at, 'items', 'must hold at least one prompt', items);
    const both = excluded.find(({ id }) => items.some((item) => item.id === id));
    if (both) refuse(at, 'excluded', 'must not name a prompt that is among "items"', both.id);
  }
  for (const claim of claims) {
    const at = `${file}: claim ${claim.id}`;
    const outcome = (name: string, where: string) =>
      Object.hasOwn(outcomes, name) || refuse(where, 'outcome', 'must be a name in "outcomes"', name);
    const set = (name: string | undefined, key: string, where: string) =>
      name === undefined || Object.hasOwn(prompts, name) || refuse(where, key, 'must be a name in "prompts"', name);
    outcome(claim.outcome, at);
    set(claim.reference, 'reference', at);
    for (const keep of claim.keeps) {
      outcome(keep.outcome, `${at}: keeps`);
      set(keep.prompts, 'prompts', `${at}: keeps`);
    }
    const of = claim.intervention;
    if (of.kind === 'direction' && 'plus' in of.vector)
      for (const key of ['plus', 'minus'] as const) set(of.vector[key], key, at);
  }
}

/** A rule that compares with what a prompt expects needs it of every prompt that it is used on. */
function checkExpected({ prompts, outcomes, claims }: Experiment, file: string): void {
  const used = claims.flatMap(({ outcome, keeps }) => [{ outcome, prompts: MAIN }, ...keeps]);
  for (const { outcome, prompts: name } of used) {
    const rule = outcomes[outcome]!;
    if (!needsOf(rule).expect) continue;
    const without = prompts[name]!.items.find(
      ({ expect }) => expect === undefined || (rule.type === 'answer' && canonical(expect) === null),
    );
    if (without)
      refuse(
        `${file}: prompts: ${name}: ${without.id}`,
        'expect',
        `must be there${rule.type === 'answer' ? ', as a number,' : ''} since the outcome "${outcome}" compares with it`,
        without.expect,
      );
  }
}

function checkSentences({ claims, pair }: Experiment, file: string): void {
  for (const { intervention: of } of claims)
    if (of.kind === 'sentence' && pair?.layer !== of.layer)
      refuse(
        file,
        'pair',
        `must name the reconstructor of layer ${of.layer}, since a claim has a sentence there`,
        pair,
      );
}

function checkDesign({ claims, plan }: Experiment, file: string): void {
  if (claims.length > 1 && plan.design !== 'fixed')
    refuse(`${file}: plan`, 'design', 'must be fixed where there are several claims', plan.design);
}

/** Draws that a design needs of each family to be able to reject: Holm's first step compares with alpha / claims. */
export function leastDraws({ claims, plan }: Pick<Experiment, 'claims' | 'plan'>): number {
  if (plan.design === 'quick') return Math.max(LEAST_DRAWS, Math.ceil(1 / plan.alpha - 1e-9) - 1);
  if (plan.design === 'standard') return STANDARD_DRAWS;
  return Math.max(LEAST_DRAWS, Math.ceil(claims.length / plan.alpha - 1e-9) - 1);
}

/** The control families that a claim must beat. Differences of real residuals stand in where decoder rows do not: along
 *  a vector or a sentence, and at a site without a dictionary. */
export function familiesOf(
  { intervention }: Claim,
  dictionaries: Experiment['dictionaries'],
): ('directions' | 'features' | 'differences' | 'sentences')[] {
  const known = new Set(dictionaries.map(({ layer }) => layer));
  const everywhere = layersOf(intervention).every((layer) => known.has(layer));
  return [
    'directions',
    ...(everywhere ? (['features'] as const) : []),
    ...(!everywhere || alongVector(intervention) ? (['differences'] as const) : []),
    ...(intervention.kind === 'sentence' ? (['sentences'] as const) : []),
  ];
}

function checkControls(experiment: Experiment, file: string): void {
  const least = leastDraws(experiment);
  for (const claim of experiment.claims)
    for (const family of familiesOf(claim, experiment.dictionaries)) {
      const drawn = experiment.controls[family] ?? 0;
      if (drawn < least)
        refuse(
          `${file}: controls`,
          family,
          `must be at least ${least} for the claim "${claim.id}" in the design ${experiment.plan.design}`,
          drawn,
        );
    }
}
