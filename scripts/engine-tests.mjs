import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { findFirefox, findWebKit, NO_FIREFOX, NO_WEBKIT } from './engines.mjs';
import { root } from './prepare.mjs';

/** The main job of the built page in Firefox and in WebKit: `node scripts/engine-tests.mjs REPORT.json`. The report has the names of Vitest's. An engine that is not here is
 *  skipped and said to be; on CI, as root on Debian, it is installed. */

/** Installs Debian packages. */
function install(packages) {
  console.log(`Installing ${packages.join(' and ')} (apt-get install).`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { stdio: ['ignore', 'ignore', 'inherit'], env });
}

const report = process.argv[2];
const firefox = await findFirefox(install);
const webkit = await findWebKit(install);
const missing = [...(firefox ? [] : [NO_FIREFOX]), ...(webkit ? [] : [NO_WEBKIT])];
for (const why of missing) console.error(why);
if (!firefox && !webkit) {
  if (report) writeFileSync(report, JSON.stringify({ unavailable: missing.join(' ') }));
  process.exit(0);
}
const written = report ? ['--reporter=json', `--outputFile.json=${report}`] : [];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'engines', '--reporter=default', ...written];
process.exit(spawnSync(process.execPath, vitest, { cwd: root, stdio: 'inherit' }).status ?? 1);
