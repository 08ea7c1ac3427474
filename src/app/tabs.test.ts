import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followTabs } from './tabs';

/** Locks as the browser's: held until what the holder gave is settled. */
let held: { name: string }[] = [];
let tab: EventTarget;

const shown = (persisted: boolean) => Object.assign(new Event('pageshow'), { persisted });
const rest = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  held = [];
  tab = new EventTarget();
  vi.stubGlobal('window', tab);
  vi.stubGlobal('document', new EventTarget());
  vi.stubGlobal('navigator', {
    locks: {
      query: async () => ({ held }),
      request: async (name: string, _: unknown, hold: () => Promise<void>) => {
        const lock = { name };
        held = [...held, lock];
        await hold();
        held = held.filter((one) => one !== lock);
      },
    },
  });
});
afterEach(() => vi.unstubAllGlobals());

test('a tab holds one lock while it lives, lets go as it is left, and holds it again where it is brought back whole', async () => {
  const said: number[] = [];
  const stop = followTabs((others) => said.push(others));
  await rest();
  expect(held.length).toBe(1);
  expect(said.at(-1)).toBe(0);
  // The first showing is no coming back.
  tab.dispatchEvent(shown(false));
  await rest();
  expect(held.length).toBe(1);
  tab.dispatchEvent(new Event('pagehide'));
  await rest();
  expect(held.length).toBe(0);
  // Another tab, opened meanwhile.
  held = [{ name: 'lenslet-tab' }];
  tab.dispatchEvent(shown(true));
  await rest();
  expect(held.length).toBe(2);
  expect(said.at(-1)).toBe(1);
  stop();
  await rest();
  expect(held.length).toBe(1);
});
