import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandError } from './command';

/** Gives up after this many ports. */
const TRIES = 100;

/** Makes the server listen on one port and returns it; 0 picks any free port. Rejects as Node does. */
async function listenOn(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const inUse = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

/** Explains to the user why a server could not start. */
function sentenceOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Give another, or none to take a free one.`;
    case 'EACCES':
      return `This user may not open port ${port}. Give one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine. Leave --host away for 127.0.0.1.`;
    default:
      return `The server could not be started: ${error.message}.`;
  }
}

/** Makes the server listen on `port` or, without one, on the first free port from `first` on. Returns the port. Rejects
 *  with a CommandError that gives the reason. */
export async function listen(server: Server, host: string, port: number | undefined, first: number): Promise<number> {
  const last = first + TRIES - 1;
  for (let tried = port ?? first; ; tried++) {
    try {
      return await listenOn(server, host, tried);
    } catch (error) {
      if (port !== undefined || !inUse(error))
        throw new CommandError(sentenceOf(error as NodeJS.ErrnoException, host, tried));
      if (tried === last)
        throw new CommandError(
          `The ports from ${first} to ${last} are all in use. Give one with --port, or --port 0 for any free one.`,
        );
    }
  }
}
