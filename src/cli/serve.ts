import { once } from 'node:events';
import { join } from 'node:path';
import { optionsOf, portOf } from './arguments';
import { openBrowser } from './browser';
import type { Command } from './command';
import { listen } from './listen';
import { pageServer } from './page-server';

const FIRST_PORT = 4173;
const THIS_MACHINE = ['127.0.0.1', '::1', 'localhost'];
const EVERY_ADDRESS = ['0.0.0.0', '::'];

const HELP = `Usage: lenslet serve [--port N] [--host H] [--open]

Serves the page, with lenslet-mini, until Ctrl-C ends it.

  --port N  this port and no other; 0 for any free one. Without it, the first free one from ${FIRST_PORT} on.
  --host H  the address to listen on. Without it, 127.0.0.1: this machine alone.
  --open    opens the page in the browser.`;

/** An address that a browser on this machine can open. */
function addressOf(host: string, port: number): string {
  const name = EVERY_ADDRESS.includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/`;
}

export const serve: Command = {
  name: 'serve',
  summary: 'serves the page on this machine and prints its address',
  help: HELP,
  async run(args, { home, say, complain, signal }) {
    const { port, host, open } = optionsOf('serve', args, {
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      open: { type: 'boolean', default: false },
    });
    const wanted = portOf(port);
    const server = pageServer(join(home, 'page'));
    const address = addressOf(host, await listen(server, host, wanted, FIRST_PORT));
    say(`Lenslet is at ${address}  (Ctrl-C stops it)`);
    if (!THIS_MACHINE.includes(host))
      say(
        'Other machines reach it too. Their browsers switch WebGPU and offline use off at an address without https: put a proxy in front that has it.',
      );
    if (open) openBrowser(address, () => complain(`No browser could be opened. Open ${address} yourself.`));

    if (!signal.aborted) await once(signal, 'abort');
    server.close();
    // Closes kept connections and running downloads, so that neither delays the end of the program.
    server.closeAllConnections();
    await once(server, 'close');
  },
};
