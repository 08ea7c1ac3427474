import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Debian's packages, for what npm does not have: a browser, PyTorch. */

/** Whether packages may be installed here: Debian (or a child of it), as root. */
export const mayInstall = () => existsSync('/etc/debian_version') && process.getuid?.() === 0;

/** What a line of apt's status says, as a stage and how far all of it is, in per cent; null for another line. Form:
 *  `dlstatus:N:PERCENT:words` while it downloads, `pmstatus:PACKAGE:PERCENT:words` while it unpacks and sets up. */
export function aptStatus(/** @type {string} */ line) {
  const [, kind, percent] = /^(dlstatus|pmstatus):[^:]*(?::[a-z0-9]+)?:([\d.]+):/.exec(line) ?? [];
  return kind
    ? { stage: kind === 'dlstatus' ? 'downloading' : 'installing', percent: Math.round(Number(percent)) }
    : null;
}

/** Runs apt-get and says how far it is: on a terminal in one line, elsewhere in a line every ten per cent. Rejects with
 *  what apt-get said.
 *  @param {string[]} args
 *  @param {string} what
 *  @returns {Promise<void>} */
function apt(args, what) {
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', ['-o', 'APT::Status-Fd=3', '-o', 'Dpkg::Use-Pty=0', ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    let said = '';
    let shown = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => (said = (said + chunk).slice(-4_000)));
    createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdio[3]) }).on('line', (line) => {
      const status = aptStatus(line);
      if (!status) return;
      const terminal = process.stdout.isTTY;
      const text = `${what}: ${status.stage} ${terminal ? status.percent : Math.floor(status.percent / 10) * 10} %`;
      if (text === shown) return;
      shown = text;
      process.stdout.write(terminal ? `\r\x1b[K${text}` : `${text}\n`);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (process.stdout.isTTY && shown) process.stdout.write('\r\x1b[K');
      if (status === 0) resolve();
      else reject(new Error(`apt-get ${args[0]} failed:\n${said.trim()}`));
    });
  });
}

/** @type {Promise<void> | undefined} */
let updated;

/** Installs packages, with progress and no limit of time. `what` names them for the reader; `recommended` takes those
 *  along that apt recommends with them. Rejects where apt-get cannot.
 *  @param {string[]} packages
 *  @param {string} what */
export async function aptInstall(packages, what, { recommended = false } = {}) {
  console.log(`${what}: not here; installing Debian’s (apt-get install ${packages.join(' ')}).`);
  updated ??= apt(['update'], 'Debian’s package lists');
  await updated.catch((error) => {
    updated = undefined;
    throw error;
  });
  await apt(['install', '-y', ...(recommended ? [] : ['--no-install-recommends']), ...packages], what);
}
