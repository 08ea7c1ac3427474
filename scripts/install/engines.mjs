import { existsSync } from 'node:fs';
import { aptInstall, mayInstall } from './apt.mjs';
import { onPath } from './on-path.mjs';

/** Browsers with other engines than Chromium's, for the tests of the page in them. */

const FIREFOXES = ['firefox-esr', 'firefox'];
const FIREFOX_ELSEWHERE = [
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

/** Why there are none, and what to do. */
export const NO_FIREFOX = 'No Firefox here: install it (Debian: firefox-esr), or name one in LENSLET_FIREFOX.';
export const NO_WEBKIT =
  'No WebKitWebDriver with an Xvfb here: install them (Debian: webkit2gtk-driver and xvfb). Only Linux has them.';

/** Whether this machine must have them: CI, where they can be installed. Elsewhere nothing is installed unasked. */
export const mustHave = (env = process.env) => Boolean(env.CI) && mayInstall();

/** The path of a Firefox: LENSLET_FIREFOX, or an installed one; null where there is none. */
export function firefoxPath() {
  const named = process.env.LENSLET_FIREFOX;
  if (named && !existsSync(named)) {
    console.error(`LENSLET_FIREFOX names ${named}, which is not there.`);
    return null;
  }
  return named || (onPath(FIREFOXES) ?? FIREFOX_ELSEWHERE.find((file) => existsSync(file)) ?? null);
}

/** The programs that open a WebKit: its driver, and a display for it; null where one is missing.
 *  @typedef {{ driver: string, display: string }} WebKitPaths
 *  @returns {WebKitPaths | null} */
export function webKitPaths() {
  const [driver, display] = [onPath(['WebKitWebDriver']), onPath(['Xvfb'])];
  return driver && display ? { driver, display } : null;
}

/** Installs what is missing, where they must be.
 *  @param {(packages: string[], what: string) => Promise<unknown>} install */
export async function installEngines(install = aptInstall) {
  if (!mustHave()) return;
  if (!firefoxPath()) await install(['firefox-esr'], 'Firefox');
  if (!webKitPaths()) await install(['webkit2gtk-driver', 'xvfb'], 'WebKit');
}
