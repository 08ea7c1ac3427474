import { expect, it } from 'vitest';
import { densitySays } from './facts';

const tokens = { written: 2_000_000, arithmetic: 500_000, heldOut: 791_301 };

it('says how often a feature is active, and calls dead only what was never active anywhere', () => {
  expect(densitySays({ heldOut: 0.012, written: 0.004 }, tokens)).toBe(
    'active on 1.2 % of held-out tokens, 0.4 % of written',
  );
  expect(densitySays({ heldOut: 0, written: 0.004 }, tokens)).toBe('not active on held-out text, 0.4 % of written');
  expect(densitySays({ heldOut: null, written: 0.004 }, tokens)).toBe('active on 0.4 % of written');
  expect(densitySays({ heldOut: 0.012, written: null }, null)).toBe('active on 1.2 % of held-out tokens');
  expect(densitySays({ heldOut: 0, written: 0 }, tokens)).toBe(
    'never active on 791,301 held-out and 2,500,000 written tokens',
  );
  expect(densitySays({ heldOut: 0, written: null }, null)).toBe('never active on held-out text');
  expect(densitySays({ heldOut: null, written: null }, null)).toBe('not stored');
});
