/**
 * A WGSL module, and the names by which the host fills it. One list gives the members of `args`, one the numbers of the
 * bindings, so no order has to be kept in two places: `Recorder.dispatch` takes both by name.
 */
export interface Kernel<Arg extends string, Bound extends string> {
  readonly name: string;
  readonly args: readonly Arg[];
  /** In the order of their numbers; the arguments are number 0. */
  readonly bindings: readonly Bound[];
  wgsl(): string;
}

/** The storage buffer that a name is bound to. */
export interface Binding {
  access: 'read' | 'read_write';
  /** Its type in WGSL. */
  type: string;
  /** WGSL functions that read the buffer under the name it is bound to. */
  accessors?: (name: string) => string;
  /** WGSL functions that the accessors call. They are written once, even if several bindings need them. */
  prelude?: string;
}

export const reads = (element: string): Binding => ({ access: 'read', type: `array<${element}>` });
export const writes = (element: string): Binding => ({ access: 'read_write', type: `array<${element}>` });

interface Module<Arg extends string, Bound extends string> {
  /** Labels the pipeline and is its key in the cache, so different modules need different names. */
  name: string;
  /** u32 each, read as `args.name`. */
  args: readonly Arg[];
  bindings: Readonly<Record<Bound, Binding>>;
  /** The rest, with `main` of snippets.ts at its entry point; written on the first dispatch only. It may call
   *  `group_index`: the number of the workgroup in a dispatch that the recorder may have spread over two dimensions. */
  body: () => string;
}

export function kernel<Arg extends string, Bound extends string>(module: Module<Arg, Bound>): Kernel<Arg, Bound> {
  const { name, args, bindings } = module;
  return { name, args, bindings: Object.keys(bindings) as Bound[], wgsl: () => wgslOf(module) };
}

function wgslOf({ args, bindings, body }: Module<string, string>): string {
  const bound = Object.entries(bindings);
  const storage = bound.map(
    ([name, { access, type }], i) => `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: ${type};\n`,
  );
  const preludes = new Set(bound.map(([, { prelude }]) => prelude ?? ''));
  const accessors = bound.map(([name, { accessors }]) => accessors?.(name) ?? '');
  return /* wgsl */ `
struct Args { ${args.map((arg) => `${arg}: u32`).join(', ')} }
@group(0) @binding(0) var<uniform> args: Args;
${storage.join('')}
fn group_index(id: vec3<u32>, groups: vec3<u32>) -> u32 { return id.y * groups.x + id.x; }
${[...preludes, ...accessors, body()].join('')}`;
}
