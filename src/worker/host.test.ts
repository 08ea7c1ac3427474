import { afterEach, expect, test, vi } from 'vitest';
import { EngineHost } from './host';
import type { Reply } from './messages';

const opening = vi.hoisted(() => vi.fn());
vi.mock('../lens/open/open', () => ({ openRequest: opening }));
afterEach(() => opening.mockReset());

/** A lens without dictionaries. Its traces wait for `ready`; `next` is the lens of other layers. */
function lensOf(next?: object, ready = Promise.resolve()) {
  const disposed: string[] = [];
  const trace = async (text: string) => {
    await ready;
    return { tokens: [], reports: () => [], dispose: () => disposed.push(text) };
  };
  return { info: { sites: [] }, lost: new Promise(() => {}), trace, openSites: async () => next, disposed };
}

function bench(lens: object) {
  opening.mockResolvedValue(lens);
  const answers = new Map<number, (reply: Reply) => void>();
  const host = new EngineHost((reply) => 'id' in reply && answers.get(reply.id)?.(reply));
  let id = 0;
  const call = (name: string, args: object) => {
    id++;
    return new Promise<Reply>((resolve) => {
      answers.set(id, resolve);
      host.receive({ id, call: name, args } as never);
    });
  };
  return call;
}

test('traces of a lens that another takes the place of are let go of', async () => {
  const lens = lensOf(lensOf());
  const call = bench(lens);
  await call('open', { model: { kind: 'url', url: 'a' } });
  await call('trace', { text: 'one' });
  await call('trace', { text: 'two' });
  await call('openSites', { layers: [1] });
  expect(lens.disposed).toEqual(['one', 'two']);
});

test('a trace that comes after its lens’ place was taken is none of the other', async () => {
  let go = () => {};
  const lens = lensOf(
    lensOf(),
    new Promise((resolve) => {
      go = resolve;
    }),
  );
  const call = bench(lens);
  await call('open', { model: { kind: 'url', url: 'a' } });
  const late = call('trace', { text: 'late' });
  await call('openSites', { layers: [1] });
  go();
  expect(await late).toMatchObject({ error: { name: 'DisposedError' } });
  expect(lens.disposed).toEqual(['late']);
});
