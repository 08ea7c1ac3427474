import { createServer } from 'vite';
import { chromium } from 'playwright';
const root = new URL('..', import.meta.url).pathname;
const server = await createServer({ root, cacheDir: root+'/node_modules/.vite/bench', optimizeDeps:{entries:['bench/index.html']}, server: { port: 0, hmr:false, watch: null }, logLevel: 'warn' });
await server.listen();
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--enable-unsafe-webgpu','--use-webgpu-adapter=swiftshader'] });
const page = await b.newPage();
page.on('console', m => console.log(m.text()));
await page.goto(server.resolvedUrls.local[0] + 'bench/index.html');
await page.waitForFunction(() => window.bench);
console.log(await page.evaluate(async () => {
  const { openGpu } = await import('/src/lens/engine/device.ts'); const { loadRuntime } = await import('/src/lens/engine/runtime.ts');
  const { createWebGpuCompute } = await import('/src/lens/kernels/webgpu.ts'); const { encodeRaces } = await import('/bench/kernels.ts');
  const gpu = await openGpu(true); const bench = { gpu, runtime: await loadRuntime(), compute: createWebGpuCompute(gpu.device) };
  const out = []; const t0 = performance.now();
  for await (const r of encodeRaces(bench, { d: 2048, width: 32768, k: 50 }, [1, 8], 1)) { console.log(performance.now() - t0); out.push(r.lines.map(l => [l.name, l.ms])); console.log(JSON.stringify(out.at(-1))); }
  return JSON.stringify(out);
}).catch(e => String(e)));
await b.close(); await server.close();
