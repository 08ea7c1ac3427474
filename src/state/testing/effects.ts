import type { Effect } from '../../lens/api/effect';
import type { FakeLens } from './lens';

const told = { tokens: { written: 1, arithmetic: 1, heldOut: 1 }, labelRule: 'a rule' };
const rate = { rate: 0.5, low: 0.4, high: 0.6, n: 100 };

/** Gives a lens's first site feature data, and an effect on it. */
export function tellOf(fake: FakeLens): Effect {
  const { info } = fake;
  const effect = {
    name: 'e',
    title: 'E',
    shipped: true,
    prompt: 'another text',
    chat: false,
    edit: { layer: 4, feature: 7, mode: 'add' as const, strength: 15 },
    maxTokens: 20,
    rates: { baseline: rate, edited: rate, randomDirections: rate, randomFeatures: rate },
    claim: 'c',
  };
  Object.assign(fake, {
    info: {
      ...info,
      effects: [effect],
      sites: info.sites.map((site) => (site.layer === 3 ? { ...site, features: told } : site)),
    },
  });
  return effect;
}
