import { mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import { checkNode, isMain, prepare, root } from '../prepare.mjs';

/** What a model takes on WebAssembly, in Node: `node scripts/measure/wasm.mjs FOLDER NAME` opens the folder as a kept
 *  model (f16, cut at its middle layer) and writes NAME's line of docs/wasm.json: memory beside what is predicted, and
 *  the processor's time. `--predict` in place of both measures nothing, and writes the predictions anew. The constants of src/lens/maths/wasm-times.ts are taken from it by hand, and a test holds them to it.
 *  @typedef {import('../../src/lens/sizes.ts').WasmShape} Shape
 *  @typedef {{ name: string, processor: string, cores: number, node: string, shape: Shape, sites: number[], parameters: number,
 *    inside: number, predicted: { addresses: number, whole: number }, addresses: number, whole: number,
 *    convertingSeconds: number, openingSeconds: number, tokenMs: number, promptMs: number }} Line
 *  @typedef {{ lines: Line[] }} Figures */

const FILE = join(root, 'docs/wasm.json');
/** Tokens of the prompt, and single tokens. */
const [PROMPT, TOKENS] = [64, 48];
const STEP = 4 << 20;

/** Memory of every WebAssembly instance that is made from now on.
 *  @returns {() => number} its bytes */
function watchMemory() {
  /** @type {Set<WebAssembly.Memory>} */
  const seen = new Set();
  const { Memory, instantiate } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(/** @type {WebAssembly.MemoryDescriptor} */ descriptor) {
      super(descriptor);
      seen.add(this);
    }
  };
  const watched = async (/** @type {BufferSource} */ bytes, /** @type {WebAssembly.Imports | undefined} */ imports) => {
    const made = await instantiate(bytes, imports);
    const { exports } = 'instance' in made ? made.instance : /** @type {WebAssembly.Instance} */ (made);
    for (const each of Object.values(exports)) if (each instanceof Memory) seen.add(each);
    return made;
  };
  WebAssembly.instantiate = /** @type {typeof WebAssembly.instantiate} */ (watched);
  return () => [...seen].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/** Milliseconds that the processor has worked for this process: other work beside it counts little. */
const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const status = (/** @type {string} */ key) =>
  1024 * Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
/** What this process has in memory, and the most that it ever had. Linux says so. */
const resident = () => status('VmRSS');
const peak = () => status('VmHWM');

/** Loads modules of the library from their sources. */
const openServer = () =>
  createServer({
    ...{ root, configFile: false, logLevel: 'error', appType: 'custom', optimizeDeps: { noDiscovery: true } },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  });

/** @typedef {typeof import('../../src/lens/sizes.ts')} Sizes */

/** What sizes follow from, of a configuration.
 *  @param {import('../../src/lens/folders/config.ts').DecoderConfig} config
 *  @returns {Shape} */
function shapeOf({ epsilon: _, eos: _ends, layerKinds: _kinds, ...shape }) {
  return shape;
}

/** @param {string} folder
 *  @param {string} name
 *  @returns {Promise<Line>} */
async function measure(folder, name) {
  const folderFor = mkdtempSync(join(tmpdir(), 'lenslet-wasm-'));
  process.on('exit', () => rmSync(folderFor, { recursive: true, force: true }));
  const addresses = watchMemory();
  const server = await openServer();
  const load = (/** @type {string} */ path) => server.ssrLoadModule(`/src/lens/${path}`);
  const { openConfig } = /** @type {typeof import('../../src/lens/folders/config.ts')} */ (
    await load('folders/config.ts')
  );
  const { readTensorTable } = /** @type {typeof import('../../src/lens/formats/tensor-table.ts')} */ (
    await load('formats/tensor-table.ts')
  );
  const { planModel } = /** @type {typeof import('../../src/lens/store/plan-pieces.ts')} */ (
    await load('store/plan-pieces.ts')
  );
  const { convertPiece } = /** @type {typeof import('../../src/lens/store/convert-piece.ts')} */ (
    await load('store/convert-piece.ts')
  );
  const { createHostConverter } = /** @type {typeof import('../../src/lens/kernels/convert-host.ts')} */ (
    await load('kernels/convert-host.ts')
  );
  const { createWasmCompute } = /** @type {typeof import('../../src/lens/kernels/wasm.ts')} */ (
    await load('kernels/wasm.ts')
  );
  const { fileFolder } = /** @type {typeof import('../../src/lens/sources/disk.ts')} */ (await load('sources/disk.ts'));
  const { KeptWeights } = /** @type {typeof import('../../src/lens/engine/kept-weights.ts')} */ (
    await load('engine/kept-weights.ts')
  );
  const { Model } = /** @type {typeof import('../../src/lens/engine/model.ts')} */ (await load('engine/model.ts'));
  const { prefill } = /** @type {typeof import('../../src/lens/engine/prefill.ts')} */ (
    await load('engine/prefill.ts')
  );
  const { createKv } = /** @type {typeof import('../../src/lens/engine/kv.ts')} */ (await load('engine/kv.ts'));
  const { withScope } = /** @type {typeof import('../../src/lens/engine/scope.ts')} */ (await load('engine/scope.ts'));
  const { configured } = /** @type {typeof import('../../src/lens/engine/runtime.ts')} */ (
    await load('engine/runtime.ts')
  );
  const { insideBytes, parameterCount, wasmMemory } = /** @type {Sizes} */ (await load('sizes.ts'));

  const source = fileFolder(resolve(folder));
  const config = await openConfig(source);
  const converter = createHostConverter();
  /** @type {Map<string, import('../../src/lens/folders/pieces.ts').PiecedTensor>} */
  const tensors = new Map();
  // Kept as the store keeps them: pieces in their kept form, read one at a time.
  const kept = openSync(join(folderFor, 'pieces'), 'w+');
  const began = resident();
  const converting = processor();
  let at = 0;
  for (const { file, pieces } of planModel(await readTensorTable(source), config, 'f16', STEP).files)
    for (const piece of pieces) {
      const { name: tensor, shape, encoding } = piece.tensor;
      const part = await source.tryReadPart(file.path, piece.begin, piece.end);
      if (!part) throw new Error(`${file.path} is gone.`);
      const bytes = await convertPiece(piece, part.bytes, converter);
      writeSync(kept, bytes, 0, bytes.length, at);
      const [begin, { length }] = [at, bytes];
      const read = async () => {
        const again = new Uint8Array(length);
        readSync(kept, again, 0, length, begin);
        return again;
      };
      const before = tensors.get(tensor)?.pieces ?? [];
      tensors.set(tensor, { shape, encoding, pieces: [...before, { rows: piece.rows, read }] });
      at += length;
    }
  const convertingSeconds = (processor() - converting) / 1000;
  const runtime = configured(
    /** @type {import('../../src/lens/engine/runtime.ts').Ort} */ (
      /** @type {unknown} */ (await import('onnxruntime-web/wasm'))
    ),
    'plain',
  );
  const compute = createWasmCompute();
  const weights = KeptWeights.of(config, 'f16', tensors);
  const start = processor();
  const sites = [Math.floor(config.layers / 2)];
  const model = await Model.create({ config, weights, sites, runtime, gpu: null, compute });
  const openingSeconds = (processor() - start) / 1000;
  const ids = Int32Array.from({ length: PROMPT }, (_, i) => (i * 131 + 7) % config.vocabularySize);
  (await prefill(model, [], { ids })).release();
  const prompt = processor();
  (await prefill(model, [], { ids })).release();
  const promptMs = (processor() - prompt) / PROMPT;
  const tokens = processor();
  await withScope(compute, async (scope) => {
    const kv = createKv(scope, model.config, 1, TOKENS);
    const [h, logits] = [scope.rows(1, config.d), scope.rows(1, config.vocabularySize)];
    for (let t = 0; t < TOKENS; t++) {
      const feed = { batch: 1, seq: 1, lengths: [t + 1], total: t + 1 };
      for (const part of model.parts.keys())
        await model.run(part, part === 0 ? Int32Array.of(ids[t % PROMPT]) : h, kv, feed, h);
      await model.logits(h, 1, logits);
    }
  });
  const tokenMs = (processor() - tokens) / TOKENS;
  const line = {
    ...{ name, processor: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version },
    ...{ shape: shapeOf(config), sites, parameters: parameterCount(config), inside: insideBytes(config) },
    predicted: wasmMemory(config, { sites }),
    ...{ addresses: addresses(), whole: peak() - began, convertingSeconds },
    ...{ openingSeconds, tokenMs, promptMs },
  };
  await model.release();
  await server.close();
  return line;
}

/** The figures with this line in the place of its model's earlier one; those of other models stay as they are.
 *  @param {Figures} figures
 *  @param {Line} line
 *  @returns {Figures} */
export const withLine = ({ lines }, line) => ({ lines: [...lines.filter(({ name }) => name !== line.name), line] });

/** The figures with what is predicted now.
 *  @param {Figures} figures
 *  @param {Sizes['wasmMemory']} wasmMemory
 *  @returns {Figures} */
export const predicted = ({ lines }, wasmMemory) => ({
  lines: lines.map((line) => ({ ...line, predicted: wasmMemory(line.shape, { sites: line.sites }) })),
});

/** @param {(figures: Figures) => Figures} change */
const rewrite = (change) =>
  writeFileSync(FILE, `${JSON.stringify(change(JSON.parse(readFileSync(FILE, 'utf8'))), null, 2)}\n`);

/** @param {string} folder
 *  @param {string} name */
async function main(folder, name) {
  prepare();
  const line = await measure(folder, name);
  rewrite((figures) => withLine(figures, line));
  process.stdout.write(`${JSON.stringify(line, null, 2)}\n`);
  process.exit(0);
}

async function predict() {
  const server = await openServer();
  const { wasmMemory } = /** @type {Sizes} */ (await server.ssrLoadModule('/src/lens/sizes.ts'));
  await server.close();
  rewrite((figures) => predicted(figures, wasmMemory));
}

if (isMain(import.meta.url)) {
  checkNode();
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { predict: { type: 'boolean' } } });
  const [folder, name] = positionals;
  if (values.predict) await predict();
  else if (folder && name) await main(folder, name);
  else {
    process.stderr.write('usage: node scripts/measure/wasm.mjs FOLDER NAME | --predict\n');
    process.exitCode = 2;
  }
}
