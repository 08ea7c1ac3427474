import type { Effect } from '../../lens/api/effect';
import type { FakeLens } from './lens';

const told = { tokens: { written: 1, arithmetic: 1, heldOut: 1 }, labelRule: 'a rule' };
const rate = { rate: 0.5, low: 0.4, high: 0.6, n: 100 };

/** Gives a lens's first site feature data, and an effect on it. */
export function tellOf(fake: FakeLens): Effect {
  const { info } = fake;
  const effect: Effect = {
    name: 'e',
    title: 'E',
    shipped: true,
    range: 'natural',
    prompt: 'another text',
    beside: null,
    chat: false,
    edits: [{ layer: 4, feature: 7, mode: 'add', strength: 15 }],
    maxTokens: 20,
    tried: 'held-out prompts',
    outcome: 'show it',
    rates: { baseline: rate, edited: rate, randomDirections: rate, randomFeatures: rate },
    strongestChange: null,
    strongestOther: null,
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
