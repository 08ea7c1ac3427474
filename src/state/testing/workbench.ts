import { atAddress } from '../model/model-url';
import { createWorkbench, type Workbench } from '../page/workbench';
import { fakeLens } from './lens';

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
