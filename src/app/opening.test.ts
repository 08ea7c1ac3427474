import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseEffects } from '../lens/folders/effects';
import { fromTypedJson } from '../state/base/typed-json';
import { decodeLink } from '../state/page/link-codec';
import type { Recording } from '../state/page/recording';
import { siteOf } from '../state/reading/select';
import { effectRows, effectSampling } from '../state/steering/examples';
import { storedMaximum } from '../state/steering/unit';
import { claimsOf } from '../state/words/claims';
import { recordingLink } from './opening';
import { RECORDED_LINK } from './recorded-link';

const recording = fromTypedJson<Recording>(JSON.parse(readFileSync('src/app/recording.json', 'utf8')));
const folder = 'public/models/lenslet-mini';
const sha256 = (file: string) =>
  createHash('sha256')
    .update(readFileSync(`${folder}/${file}`))
    .digest('hex');

test('the recording is of the model in the folder: its weights, its dictionaries, its first measured effect', () => {
  const { info } = recording;
  expect(info.sha256).toBe(sha256('model.safetensors'));
  for (const { layer, sha256: own } of info.sites)
    expect(own).toBe(sha256(`sae/blocks.${layer}.hook_resid_post/sae_weights.safetensors`));
  const effect = parseEffects(JSON.parse(readFileSync(`${folder}/effects.json`, 'utf8')))[0]!;
  expect(recording.text).toBe(effect.prompt);
  expect(recording.rows).toEqual(effectRows(effect, (layer, feature) => storedMaximum(siteOf(info, layer), feature)));
  expect(recording.sampling).toEqual(effectSampling(effect));
});

test('what the recording shows is whole: a locked token on which the feature is active, three texts, the band', () => {
  const { tokens, sites, view, streams, band } = recording;
  const { ids, k } = sites.find(({ layer }) => layer === view.site)!;
  expect([...ids.subarray(view.locked * k, (view.locked + 1) * k)]).toContain(view.feature);
  expect(tokens.map((token) => token.text).join('')).toBe(recording.text);
  for (const stream of [streams.baseline, streams.steered, streams.control]) expect(stream!.length).toBeGreaterThan(0);
  expect(band).toHaveLength(7);
});

test('its words are those of the locked token, scored beside their control, of the pair in the folder', () => {
  const { text, view, info, verbal } = recording;
  const { record, answers, sources } = verbal;
  expect(record).toMatchObject({ sha256: info.sha256, target: { kind: 'token', position: view.locked, text } });
  const [sample] = record.samples;
  expect(sample!.done).toBe('stop');
  expect(record.controls!.shuffled!.n).toBeGreaterThan(4);
  expect(answers.claims.whole).toEqual(sample!.score);
  expect(answers.claims.without).toHaveLength(claimsOf(sample!.text).length);
  expect([answers.features.layer, answers.features.fvu.length]).toEqual([record.layer, 1]);
  const pair = ['av/model.safetensors', 'ar/model.safetensors', 'ar/value_head.safetensors'];
  const bytes = pair.reduce((sum, file) => sum + statSync(`${folder}/nla/${file}`).size, 0);
  expect(sources.find(({ source }) => source === record.source)!.bytes / bytes).toBeCloseTo(1, 1);
});

test('its link says what is on show, and is what the page takes for it', () => {
  expect(recordingLink(recording)).toBe(RECORDED_LINK);
  const link = decodeLink(recordingLink(recording));
  expect(link).toMatchObject({
    prompt: recording.text,
    site: recording.view.site,
    token: recording.view.locked,
    feature: recording.view.feature,
  });
  expect(link.rows).toEqual(recording.rows);
});
