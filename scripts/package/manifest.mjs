/** The one package that an installed Lenslet needs: it finds its WebAssembly beside its own files. All else is
 *  bundled. */
const OUTSIDE = ['onnxruntime-web'];

const COPIED = ['name', 'version', 'description', 'license', 'type', 'engines'];

/** package.json of the package, made of the checkout's: what that one says of dist-sdk/, said from inside it; no
 *  `file:` dependency, no override, nothing of development. */
export function manifestOf(checkout) {
  const within = (value) =>
    typeof value === 'string'
      ? value.replace(/^\.\/dist-sdk\//, './')
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, within(inner)]));
  return {
    ...Object.fromEntries(COPIED.map((key) => [key, checkout[key]])),
    exports: within(checkout.exports),
    bin: within(checkout.bin),
    files: ['*.js', 'types', 'page', 'THIRD-PARTY.txt'],
    dependencies: Object.fromEntries(OUTSIDE.map((name) => [name, checkout.dependencies[name]])),
  };
}
