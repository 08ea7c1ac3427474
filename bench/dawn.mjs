import { readFileSync } from 'node:fs';
import { createServer } from 'vite';
import { create, globals } from 'webgpu';
import { messageOf } from '../scripts/prepare.mjs';

/** The bench on Dawn for Node, in a process of its own that `run.mjs` starts: results or the failure go back by
 *  message. */

Object.assign(globalThis, globals);
Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]), userAgent: 'node' }, configurable: true });

// ONNX Runtime's memory is shared, and Dawn for Node takes no views of shared memory.
const { writeBuffer } = GPUQueue.prototype;
GPUQueue.prototype.writeBuffer = function (buffer, offset, data, ...part) {
  const shared = ArrayBuffer.isView(data) && data.buffer instanceof SharedArrayBuffer;
  if (!shared) return writeBuffer.call(this, buffer, offset, /** @type {ArrayBuffer} */ (data), ...part);
  const numbers = /** @type {Float32Array<SharedArrayBuffer>} */ (data);
  const [start = 0, count = numbers.length - start] = part;
  return writeBuffer.call(this, buffer, offset, numbers.slice(start, start + count));
};

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

// Waiting for the GPU does not keep Node running.
const alive = setInterval(() => {}, 5);
const root = new URL('..', import.meta.url).pathname;
const server = await createServer({
  root,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, watch: null, ws: false },
});
try {
  const { runSuite } = await server.ssrLoadModule('/bench/suite.ts');
  const { version } = JSON.parse(readFileSync(new URL('../node_modules/webgpu/package.json', import.meta.url), 'utf8'));
  const options = { ...JSON.parse(process.argv[2]), model: null };
  const results = await runSuite(`Dawn for Node ${version}`, options, (/** @type {string} */ text) =>
    console.error(text),
  );
  process.send?.({ results });
} catch (error) {
  process.send?.({ failure: messageOf(error) });
} finally {
  clearInterval(alive);
  await server.close();
}
