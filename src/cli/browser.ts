import { spawn } from 'node:child_process';

/** The program of each system that opens an address in the user's browser. */
function opener(address: string): [string, string[]] {
  if (process.platform === 'darwin') return ['open', [address]];
  if (process.platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', address]];
  return ['xdg-open', [address]];
}

/** Opens an address in the user's browser and does not wait for it. Calls `failed` if that is impossible: no desktop,
 *  no browser. */
export function openBrowser(address: string, failed: () => void): void {
  const [program, args] = opener(address);
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', failed);
  child.on('exit', (code) => {
    if (code) failed();
  });
  child.unref();
}
