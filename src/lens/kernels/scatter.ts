import type { Codes, Dictionary, Rows, Slice } from './compute';
import { gpuRows } from './gpu-rows';
import { kernel, reads, writes } from './kernel';
import type { Recorder } from './recorder';
import { main } from './snippets';

/** Codes into rows of zeros, one lane a code. Ids of a row differ, so no two lanes write one place. */
const scatter = kernel({
  name: 'scatter',
  args: ['codes', 'first', 'k', 'width'],
  bindings: { ids: reads('u32'), values: reads('f32'), out: writes('f32') },
  body: () => /* wgsl */ `${main(256)} {
  let i = group_index(id, groups) * 256u + lane;
  if (i >= args.codes) { return; }
  let feature = ids[args.first + i];
  if (feature != 0xffffffffu) { out[(i / args.k) * args.width + feature] = values[args.first + i]; }
}
`,
});

/** One clear and one dispatch: out [count, width]. */
export function recordScatter(
  recorder: Recorder,
  { width, k }: Dictionary,
  codes: Slice<Codes>,
  count: number,
  out: Rows,
): void {
  const { ids, values } = codes.rows;
  recorder.clear(gpuRows(out).buffer, count * width * 4);
  recorder.dispatch(scatter, {
    args: { codes: count * k, first: codes.from * k, k, width },
    bindings: { ids, values, out },
    groups: Math.ceil((count * k) / 256),
  });
}
