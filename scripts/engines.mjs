import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Browsers with other engines than Chromium's, for the tests of the page in them. */

const FIREFOXES = ['firefox-esr', 'firefox'];
const FIREFOX_ELSEWHERE = ['/Applications/Firefox.app/Contents/MacOS/firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe'];

/** Why there are none, and what to do. */
export const NO_FIREFOX = 'No Firefox here: install it (Debian: firefox-esr), or name one in LENSLET_FIREFOX.';
export const NO_WEBKIT = 'No WebKitWebDriver with an Xvfb here: install them (Debian: webkit2gtk-driver and xvfb). Only Linux has them.';

function onPath(names, path = process.env.PATH ?? '') {
  return path
    .split(delimiter)
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .find((file) => existsSync(file));
}

/** Whether this machine must have what the tests need, and may install it: CI, on Debian, as root. Elsewhere nothing is installed unasked. */
export function mayInstall(env = process.env) {
  return Boolean(env.CI) && existsSync('/etc/debian_version') && process.getuid?.() === 0;
}

/** What `look` finds, after installing `packages` where that is needed and allowed; null where it finds nothing. Rejects where it was installed and is still not there. */
async function found(look, packages, install, what) {
  const here = look();
  if (here || !install || !mayInstall()) return here ?? null;
  await install(packages);
  const now = look();
  if (!now) throw new Error(`${packages.join(' and ')} were installed, and yet: ${what}`);
  return now;
}

/** The path of a Firefox: LENSLET_FIREFOX, or an installed one. `install` takes names of Debian packages; without it nothing is installed. */
export async function findFirefox(install) {
  const named = process.env.LENSLET_FIREFOX;
  if (named && !existsSync(named)) throw new Error(`LENSLET_FIREFOX names ${named}, which is not there.`);
  const look = () => named || onPath(FIREFOXES) || FIREFOX_ELSEWHERE.find((file) => existsSync(file));
  return found(look, ['firefox-esr'], install, NO_FIREFOX);
}

/** The programs that open a WebKit: its driver, and a display for it. */
export function findWebKit(install) {
  const look = () => {
    const [driver, display] = [onPath(['WebKitWebDriver']), onPath(['Xvfb'])];
    return driver && display ? { driver, display } : undefined;
  };
  return found(look, ['webkit2gtk-driver', 'xvfb'], install, NO_WEBKIT);
}
