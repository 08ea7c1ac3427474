import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { columns, digestsOf, featureFigures, filesOf } from './card.mjs';
import { missed, parametersOf, renderCard } from './render.mjs';

const folder = join(root, 'public/models/lenslet-mini');
/** @type {import('./card.mjs').Card} */
const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'));
const MB = 1e6;

test('the card says what card.json says', () => {
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(renderCard(card));
});

test('the figures belong to the weights in the folder', () => {
  expect(card.sha256).toEqual(digestsOf(folder));
});

test('no bar is missed', () => {
  expect(missed(card)).toEqual([]);
});

test('a figure that changed changes the card, and a missed bar is called missed', () => {
  const worse = structuredClone(card);
  worse.dictionaries.sites[1].trained.fvu = 0.31;
  expect(missed(worse)).toEqual(['FVU, worst of the sites']);
  expect(renderCard(worse)).toContain('**missed**');
  expect(renderCard(worse)).not.toBe(renderCard(card));
});

test('feature figures are those of the files', () => {
  for (const figures of card.features)
    expect(featureFigures(join(folder, `sae/blocks.${figures.layer}.hook_resid_post/features.safetensors`))).toEqual(
      figures,
    );
});

test('the model is what the card’s text says in words: reserved markers, context, parameters, also in the project’s README', () => {
  expect(card.markers).toBeGreaterThanOrEqual(16);
  expect(card.config.max_position_embeddings).toBeGreaterThanOrEqual(512);
  const millions = (parametersOf(card.config) / MB).toFixed(1);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`has ${millions} million parameters`);
});

test('snippets are short and from enough text, every live feature has some, and no label is wrong more often than right', () => {
  for (const { layer, tokens, live } of card.features) {
    expect(tokens.written).toBeGreaterThanOrEqual(2e6);
    const { read } = columns(join(folder, `sae/blocks.${layer}.hook_resid_post/features.safetensors`));
    const [first, begin, label, precision, maximum] = [
      'snippet.first',
      'snippet.begin',
      'label.begin',
      'label.precision',
      'maximum',
    ].map(read);
    for (let s = 0; s + 1 < begin.length; s++) expect(begin[s + 1] - begin[s], `snippet ${s}`).toBeLessThanOrEqual(24);
    const withSnippets = maximum.filter((_, id) => first[id + 1] > first[id]);
    expect(withSnippets.length).toBe(live);
    for (const [id, share] of precision.entries())
      if (label[id + 1] > label[id]) expect(share, `label ${layer}:${id}`).toBeGreaterThanOrEqual(0.5);
  }
});

test('every site’s dictionary is better than a random one of its size', () => {
  for (const { trained, random } of card.dictionaries.sites) {
    expect(trained.fvu).toBeLessThan(random.fvu / 2);
    expect(trained.recovered).toBeGreaterThan(random.recovered);
  }
});

test('the effects that the page offers are those of the card', () => {
  const { effects } = JSON.parse(readFileSync(join(folder, 'effects.json'), 'utf8'));
  const offered = (/** @type {typeof card.effects} */ effects) =>
    effects.map(({ name, shipped, range, edits, claim }) => ({ name, shipped, range, edits, claim }));
  expect(offered(effects)).toEqual(offered(card.effects));
  for (const effect of card.effects.filter(({ shipped }) => shipped)) {
    const { edited, ...others } = effect.rates;
    for (const other of Object.values(others)) expect(edited.low, effect.name).toBeGreaterThan(other.high);
  }
});

test('the strongest controls that the page tells are those that were measured', () => {
  const { effects } = JSON.parse(readFileSync(join(folder, 'effects.json'), 'utf8'));
  const measured = card.effects.map(({ rates: { randomDirections: directions, randomFeatures: features } }) => ({
    rate: Math.max(directions.best, features.best),
    of: directions.draws + features.draws,
  }));
  expect(effects.map((/** @type {{ strongestChange: object }} */ effect) => effect.strongestChange)).toEqual(measured);
  for (const [i, { rates }] of card.effects.entries())
    if (rates.ablatedFeatures) expect(effects[i].strongestOther.rate).toBe(rates.ablatedFeatures.best);
});

test('the independent implementation was given these weights', () => {
  expect(card.independent.sha256['model.safetensors']).toBe(card.sha256['model.safetensors']);
  expect(card.independent.passed).toBe(true);
});

test('the verbalizer that the page judges by is the one of the card', () => {
  const controls = JSON.parse(readFileSync(join(folder, 'nla/controls.json'), 'utf8'));
  const { after, variance, site } = card.nla;
  expect(controls.layer).toBe(site);
  expect(controls.variance).toBeCloseTo(variance, 5);
  expect(controls.quality.n).toBe(after.fve.own.n);
  const { own, shuffled } = after.fve;
  for (const [name, found] of Object.entries({ own, shuffled, difference: after.ownMinusShuffled }))
    for (const end of /** @type {const} */ (['mean', 'low', 'high']))
      expect(controls.quality[name][end], `${name} ${end}`).toBeCloseTo(found[end], 3);
  expect(controls.quality.beatsControl).toBe(after.ownMinusShuffled.low >= 0.2 && after.fve.own.low > 0);
});

test('the reinforcement was long enough and its curve is shipped', () => {
  const { curve } = card.nla;
  const last = curve[curve.length - 1];
  expect(curve[0].step).toBe(0);
  expect(last.step >= 300 || last.seconds >= 3600).toBe(true);
  expect(curve.length).toBeGreaterThan(10);
});

test('a verbalizer that is no better than its control is called so', () => {
  const worse = structuredClone(card);
  worse.nla.after.ownMinusShuffled = { mean: 0.3, low: 0.1, high: 0.5, n: 9 };
  expect(missed(worse)).toEqual(['that FVE − another token’s sentences']);
});

test('the folder stays small enough to ship', () => {
  const files = filesOf(folder);
  expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(100 * MB);
  for (const { path, bytes } of files) expect(bytes, path).toBeLessThanOrEqual(16 * MB);
});
