import { table } from '../docs/markdown.mjs';
import { count, fixed, interval, percent } from './words.mjs';

/** The model card's part on the verbalizer. Every figure in it is read from card.json.
 *  @import { Mean, Rate } from './words.mjs'
 *  @typedef {import('./card.mjs').Card['nla']} Nla */

export const NLA_BARS = { difference: 0.2, matching: 0.6, kind: 0.8, wordings: 0.05 };

const mean = (/** @type {Mean} */ { mean: middle, low, high }, digits = 3) =>
  `${fixed(middle, digits)} [${fixed(low, digits)}, ${fixed(high, digits)}]`;

/** Bars of the pair after reinforcement.
 *  @returns {import('./render.mjs').Bar[]} */
export function nlaBars(/** @type {Nla} */ { after }) {
  const kind = after.claims.claims.kind.own;
  return [
    ['FVE of the verbalizer’s sentences', '> 0', mean(after.fve.own), after.fve.own.low > 0],
    [
      'that FVE − another token’s sentences',
      `≥ ${fixed(NLA_BARS.difference, 2)}`,
      mean(after.ownMinusShuffled),
      after.ownMinusShuffled.low >= NLA_BARS.difference,
    ],
    ['that FVE − the top-3 continuations alone', '> 0', mean(after.ownMinusTopThree), after.ownMinusTopThree.low > 0],
    [
      'own vector out of 10, first',
      `≥ ${percent(NLA_BARS.matching)}`,
      interval(after.matching.top1),
      after.matching.top1.rate >= NLA_BARS.matching,
    ],
    ['kind of text said right', `≥ ${percent(NLA_BARS.kind)}`, interval(kind), kind.rate >= NLA_BARS.kind],
    [
      'reconstructor on wordings it never saw − on the others, FVE',
      `≥ −${fixed(NLA_BARS.wordings, 2)}`,
      mean(after.heldOutWordingsMinusTruth),
      after.heldOutWordingsMinusTruth.mean >= -NLA_BARS.wordings,
    ],
  ];
}

/** @type {[arm: keyof Nla['after']['fve'], title: string][]} */
const ARMS = [
  ['own', 'the verbalizer’s sentences'],
  ['shuffled', 'another token’s sentences'],
  ['constant', 'the mean direction, always'],
  ['empty', 'an empty explanation'],
  ['generic', 'a sentence that fits any text'],
  ['noQuotes', 'own, what stands in quotation marks removed'],
  ['topThree', 'the model’s three likeliest next tokens alone'],
  ['level0', 'own, the text paragraph alone'],
  ['level1', 'own, the phrase paragraph alone'],
  ['level2', 'own, the token paragraph alone'],
  ['truth', 'the true description, which the verbalizer has to guess'],
  ['heldOutWordings', 'the true description in wordings never trained on'],
];

const CLAIMS = {
  kind: 'kind of text',
  language: 'language at this point',
  speech: 'inside quoted speech',
  title: 'in a poem’s title',
  author: 'in a poem’s author line',
  verse: 'place in the line of verse',
  turn: 'whose turn in a chat',
  part: 'question or answer of a word problem',
  verbatim: 'quote is in the text before',
  predicted: 'quote is not, but in the 24 tokens after',
  operation: 'operation of a sum',
  operands: 'operation and both operands',
  operand: 'operation and first operand',
  number: 'number being read',
  digit: 'next digit and its place',
  carry: 'carry',
  complete: 'result complete',
  sequence: 'step of a sequence',
  token: 'the token',
  next: 'of the model’s three likeliest next tokens, the share named',
};

function claimRows(/** @type {Nla['before']} */ before, /** @type {Nla['after']} */ after) {
  const rate = (/** @type {Rate | undefined} */ found) => (found ? interval(found) : '');
  /** @typedef {Record<string, { own: Rate, control: Rate } | undefined>} Claims */
  const [earlier, now] = [before, after].map(({ claims }) => /** @type {Claims} */ (claims.claims));
  return Object.entries(CLAIMS).flatMap(([name, title]) => {
    const found = now[name];
    return found ? [[title, rate(earlier[name]?.own), rate(found.own), rate(found.control), count(found.own.n)]] : [];
  });
}

/** `quoted` shows a text in a table's cell; `names`: what the domains are called.
 *  @param {{ nla: Nla }} card
 *  @param {(text: string) => string} quoted
 *  @param {Record<string, string>} names */
export function nlaSection({ nla }, quoted, names) {
  const { before, after, warm, curve, variance, positions, site, pair } = nla;
  const unreinforced = /** @type {Record<string, Mean>} */ (before.byKind);
  const kinds = Object.entries(after.byKind).map(([kind, found]) => [
    names[kind] ?? kind,
    mean(unreinforced[kind]),
    mean(found),
    count(found.n),
  ]);
  const last = curve[curve.length - 1];
  return `## Verbalizer

A Natural Language Autoencoder for \`blocks.${site}.hook_resid_post\`, in \`nla/\`, in the layout of the open release: an activation verbalizer (AV, a whole copy of the model; the embedding row of a marker is overwritten with the residual, its norm set to ${pair.scale})
and an activation reconstructor (AR, blocks 0 to ${site} and a linear head, read at the last token). The AV says what a vector means in three paragraphs (text, phrase, token); the error of the AR's vector says how much the words carried. Only directions count.
The page loads the two, ${(pair.bytes / 1e6).toFixed(1)} MB, when they are first asked for.

FVE = 1 − E|p^ − g^|² / V with unit vectors p^ (of the AR) and g^ (the residual) and V = E|g^ − μ|² = ${fixed(variance, 4)}, μ the mean of the unit residuals over the training positions, not normalised: the definition of the open release.
0 is as good as knowing μ alone; one unit vector for all has less, whichever it is. ${count(positions)} positions of held-out text, greedy answers, weights as stored; position 0 is left out; intervals are 95 %, by bootstrap over windows of text (shares: Wilson's).

${table(
  ['explanation', 'FVE before reinforcement', 'FVE after'],
  ARMS.map(([name, title]) => [title, mean(before.fve[name]), mean(after.fve[name])]),
)}

Own vector among ten (nine of other texts) by cosine with the AR's: first in ${interval(before.matching.top1)} before and ${interval(after.matching.top1)} after, among the first three in ${interval(after.matching.top3)}; by another token's sentences ${interval(after.matching.control)}.
Mean cosine after ${mean(after.cosine)}. An explanation has ${mean(after.tokens, 1)} tokens; ${percent(after.claims.understood, 1)} of its characters are in wordings known from the warm start (${percent(before.claims.understood, 1)} before).

### FVE by kind of text

${table(['text', 'before', 'after', 'n'], kinds)}

### Which claims are true

Held against the text and the model's own distribution: of the claims made, the share that holds, and how many of another token's would. A claim about what a position does not have, a product in a story, counts as false.

${table(['claim', 'before', 'after', 'another token’s, after', 'n'], claimRows(before, after))}

Of the positions inside a sum that has both operands, the AV names operation and operands of ${interval(after.claims.recall.operation)}; of those before a digit of a result, it says the digit of ${interval(after.claims.recall.digit)}; the carry into it of ${interval(after.claims.recall.carry)}.

On texts of this project's making:

${table(
  ['text up to the token', 'the AV says'],
  after.examples.map(({ before: text, told }) => [quoted(text), quoted(told)]),
)}

### How it was trained

Positions of the training texts: ${count(pair.positions.train)} for the warm start, half of them for each of the two, and ${count(pair.positions.further)} others for reinforcement. Every description is computed from what is known of its position (\`training/nla/claims.py\`), a sentence a claim, in one of nine wordings; three more of each are kept for testing.
Of the AR's sentences ${percent(pair.blur)} have words left out or exchanged, and it also meets descriptions with claims missing. Warm start: AV ${count(warm.av.steps)} steps of ${pair.batch.av}, AR ${count(warm.ar.steps)} of ${pair.batch.ar}.
Reinforcement: GRPO on the AV, ${count(last.step)} updates in ${Math.round(last.seconds / 60)} minutes (pauses not counted), ${pair.prompts} vectors × ${pair.group} samples at temperature 1, reward −log of the AR's error, KL to the warm start in the loss (${pair.beta}), the AR trained at every update on the same samples and on half as many true descriptions.

${table(
  ['update', 'reward', 'error', 'KL, nats a token', 'tokens', 'ended by themselves', 'FVE on development text, greedy'],
  curve.map((point) => [
    point.step,
    point.reward === undefined ? '' : fixed(point.reward, 3),
    point.error === undefined ? '' : fixed(point.error, 3),
    point.kl === undefined ? '' : fixed(point.kl, 4),
    point.tokens === undefined ? '' : point.tokens.toFixed(1),
    point.tagged === undefined ? '' : percent(point.tagged, 1),
    point.fve === undefined ? '' : fixed(point.fve, 3),
  ]),
)}
`;
}
