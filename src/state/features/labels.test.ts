import { expect, it } from 'vitest';
import { CorruptFileError } from '../../lens/api/errors';
import type { SiteInfo } from '../../lens/api/site';
import { atAddress } from '../model/model-url';
import { createSession } from '../model/session';
import { type FakeLens, fakeLens } from '../testing/lens';
import { createLabels, labelOf } from './labels';

const told = (site: SiteInfo): SiteInfo => ({
  ...site,
  features: { tokens: { written: 1, arithmetic: 1, heldOut: 1 }, labelRule: '' },
});

async function opened(): Promise<{ lens: FakeLens; labels: ReturnType<typeof createLabels> }> {
  const plain = fakeLens();
  const [first, ...others] = plain.info.sites;
  const lens = Object.assign(plain, { info: { ...plain.info, sites: [told(first!), ...others] } });
  const engine = createSession(async () => lens);
  await engine.open(atAddress('fake/'), 'auto');
  return { lens, labels: createLabels(engine) };
}

it('reads a site’s labels once, and none of a site without feature data', async () => {
  const { lens, labels } = await opened();
  await Promise.all([labels.need(3), labels.need(3), labels.need(4), labels.need(99)]);
  await labels.need(3);
  expect(lens.calls.filter((call) => call.startsWith('labels'))).toEqual(['labels 3']);
  const { sites } = labels.store.getState();
  expect(labelOf(sites, 3, 12)).toBe('label 3:12');
  expect(labelOf(sites, 3, 13)).toBeNull();
  expect(labelOf(sites, 4, 12)).toBeNull();
});

it('says why labels could not be read, and asks again the next time', async () => {
  const { lens, labels } = await opened();
  const read = lens.labels;
  lens.labels = async () => {
    throw new CorruptFileError('features.safetensors is damaged.');
  };
  await labels.need(3);
  expect(labels.store.getState()).toMatchObject({
    sites: {},
    failed: { 3: { message: 'features.safetensors is damaged.' } },
  });
  lens.labels = read;
  await labels.need(3);
  expect(labels.store.getState().failed).toEqual({});
  expect(Object.keys(labels.store.getState().sites)).toEqual(['3']);
});

it('drops an answer that comes after another model’s opening', async () => {
  const { labels } = await opened();
  const late = labels.need(3);
  labels.clear();
  await late;
  expect(labels.store.getState()).toEqual({ sites: {}, failed: {} });
});
