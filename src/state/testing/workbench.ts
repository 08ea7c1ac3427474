import { afterEach, beforeEach } from 'vitest';
import { atAddress } from '../model/model-url';
import { applyLink } from '../page/link';
import { createWorkbench, type Workbench } from '../page/workbench';
import { type FakeLens, fakeLens, settled } from './lens';

/** All that the notices say. */
export const saidBy = ({ notices }: Pick<Workbench, 'notices'>): string[] =>
  notices.store.getState().list.flatMap(({ lines }) => lines);

/** A workbench on a fake lens, with a text that is traced. */
export async function tracedBench(text = 'one two three'): Promise<Workbench> {
  const bench = createWorkbench(async () => fakeLens(), { pause: 0 });
  await bench.engine.open(atAddress('fake'), 'auto');
  bench.tracer.store.setState({ text });
  await bench.tracer.trace();
  return bench;
}

/** For each test of a file a workbench on a fake lens; where the test puts another lens in its place, the next opening
 *  gives that one. */
export function withBench() {
  const on = {
    fake: null as unknown as FakeLens,
    bench: null as unknown as Workbench,
    called: (what: string) => on.fake.calls.filter((call) => call.startsWith(what)),
    open: async (hash = '') => {
      applyLink(on.bench, hash, 'the old man');
      await on.bench.engine.open(atAddress('m/'), 'auto');
      await settled();
    },
  };
  beforeEach(() => {
    on.fake = fakeLens();
    on.bench = createWorkbench(async () => on.fake, { pause: 0, recover: 0 });
  });
  afterEach(() => on.bench.dispose());
  return on;
}
