import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandError } from './command';

/** How many ports are tried before it is said that none is free. */
const TRIES = 100;

/** Has the server listen on one port and gives it back; it is another only where 0 was asked for. Rejects as Node
 *  does. */
async function listenOn(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const inUse = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

/** In the user's words why a server could not be started. */
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

/** Has the server listen on `port`, or, where none is given, on the first free one from `first` on; resolves to it.
 *  Rejects with a CommandError that says why it could not. */
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
