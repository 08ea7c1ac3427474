import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What must hold before a command can run. Node built-ins only: this runs before anything is installed. */

export const root = fileURLToPath(new URL('..', import.meta.url));

const NEEDED = [20, 19];

/** Whether the module at this address is the program that Node runs, and not imported by another. */
export const isMain = (/** @type {string} */ url) => url === pathToFileURL(process.argv[1] ?? '').href;

/** Why this Node cannot run Lenslet, or null. `version` as process.versions.node gives it. */
export function nodeProblem(/** @type {string} */ version) {
  const [major, minor] = version.split('.').map(Number);
  const enough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  return enough
    ? null
    : `Lenslet needs Node ${NEEDED.join('.')} or newer; this is Node ${version}. Install a newer one from https://nodejs.org.`;
}

/** package-lock.json, or npm's record of what it installed.
 *  @typedef {{ version?: string, resolved?: string, integrity?: string, os?: string[] }} Source
 *  @typedef {{ link?: boolean, extraneous?: boolean, optional?: boolean, hasInstallScript?: boolean }} Kind
 *  @typedef {{ packages: Record<string, Source & Kind> }} Lock */

/** Whether node_modules holds what package-lock.json asks for. `hidden` is npm's record of what it installed, or null.
 *  Optional packages (binaries of other platforms) may be absent. */
export function isInstalled(/** @type {Lock} */ lock, /** @type {Lock | null} */ hidden) {
  if (!hidden) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/') || wanted.link || wanted.extraneous) return true;
    const present = hidden.packages[path];
    return present ? present.version === wanted.version : wanted.optional === true;
  });
}

/** Ends the process on a Node that is too old. */
export function checkNode() {
  const problem = nodeProblem(process.versions.node);
  if (problem) fail(problem);
}

function readJson(/** @type {string} */ file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** Installs what the lock of `folder` says and leaves the lock as it is. Not `npm ci`: that refuses a lock made where
 *  the registry did not have every platform's optional binaries. */
export function npmInstall(folder = root) {
  const command = ['install', '--no-save'];
  // Under `npm start` npm says where it is itself, which needs no shell and no PATH.
  const npm = process.env.npm_execpath;
  const options = /** @type {const} */ ({ cwd: folder, stdio: 'inherit' });
  return npm
    ? spawnSync(process.execPath, [npm, ...command], options)
    : spawnSync('npm', command, { ...options, shell: process.platform === 'win32' });
}

/** Installs the packages where they are missing or others than package-lock.json says. Ends the process when it
 *  cannot. */
export function prepare() {
  if (isInstalled(readJson(join(root, 'package-lock.json')), readJson(join(root, 'node_modules/.package-lock.json'))))
    return;
  console.log('Installing packages.');
  if (npmInstall().status !== 0)
    fail('npm install failed; its own message is above. It needs the npm registry, nothing else.');
}

export const messageOf = (/** @type {unknown} */ error) => (error instanceof Error ? error.message : String(error));

/** @returns {never} */
export function fail(/** @type {string} */ message) {
  console.error(message);
  process.exit(1);
}

/** What the built page is made of. */
const SOURCES = ['index.html', 'src', 'public', 'tools', 'vite.config.ts', 'package-lock.json'];

/** Time of the newest file under `path`, 0 where there is none. A folder counts too: its time changes when a file in it
 *  goes away. */
/** @returns {number} */
function newest(/** @type {string} */ path) {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), mtimeMs);
}

/** Whether dist/ is missing or older than a source of it. */
export function needsBuild(/** @type {string} */ folder) {
  const built = join(folder, 'dist/index.html');
  return !existsSync(built) || SOURCES.some((source) => newest(join(folder, source)) > statSync(built).mtimeMs);
}
