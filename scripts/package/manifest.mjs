/** The one package that an installed Lenslet needs: it finds its WebAssembly beside its own files. All else is
 *  bundled. */
const OUTSIDE = ['onnxruntime-web'];

const COPIED = ['name', 'version', 'description', 'license', 'type', 'engines'];

/** The package's package.json, made of the checkout's: paths as seen from inside dist-sdk/; no `file:` dependency, no
 *  override, nothing for development.
 *  @typedef {{ [key: string]: string | Paths }} Paths
 *  @param {{ [key: string]: unknown, exports: Paths, bin: Paths, dependencies: Record<string, string> }} checkout */
export function manifestOf(checkout) {
  /** @type {(paths: Paths) => Paths} */
  const within = (paths) => JSON.parse(JSON.stringify(paths).replaceAll('"./dist-sdk/', '"./'));
  return {
    ...Object.fromEntries(COPIED.map((key) => [key, checkout[key]])),
    exports: within(checkout.exports),
    bin: within(checkout.bin),
    files: ['*.js', 'types', 'page', 'THIRD-PARTY.txt'],
    dependencies: Object.fromEntries(OUTSIDE.map((name) => [name, checkout.dependencies[name]])),
  };
}
