import * as util from 'node:util';
import { checkNode, fail, messageOf, needsBuild, prepare, root } from '../prepare.mjs';

/** `npm start [-- --port N]`: installs what is missing, builds when dist/ is missing or old, serves it on this machine
 *  only. */

const FIRST_PORT = 4173;

function options() {
  try {
    const { values } = util.parseArgs({ options: { port: { type: 'string' } } });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535))
      fail(`--port ${values.port} is not a port; give a number from 1 to 65535.`);
    return { port };
  } catch (error) {
    return fail(`${messageOf(error)}. Usage: npm start -- --port 4173`);
  }
}

checkNode();
const { port } = options();
prepare();
const { build, preview } = await import('vite');
if (needsBuild(root)) {
  console.log('Building.');
  await build({ root, logLevel: 'warn' });
}
try {
  const server = await preview({
    root,
    logLevel: 'warn',
    preview: { host: '127.0.0.1', port: port ?? FIRST_PORT, strictPort: port !== undefined },
  });
  console.log(`Lenslet is at ${server.resolvedUrls?.local[0]}  (Ctrl-C stops it)`);
} catch (error) {
  const message = messageOf(error);
  fail(/already in use/.test(message) ? `Port ${port} is in use. Give another, or none to take a free one.` : message);
}
