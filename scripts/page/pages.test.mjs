import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { nodeProblem, root } from '../prepare.mjs';

/** The workflow that puts the page on a host cannot run here; that it says what this repository has can be seen. */

const { jobs, permissions } = parse(readFileSync(join(root, '.github/workflows/pages.yml'), 'utf8'));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** @typedef {{ uses?: string, run?: string, id?: string, with: Record<string, string> }} Step
 *  @type {Step[]} */
const steps = Object.values(jobs).flatMap((job) => job.steps);
const using = (/** @type {string} */ action) =>
  /** @type {Step} */ (steps.find(({ uses }) => uses?.startsWith(`${action}@`)));

test('every action is pinned to a major version', () => {
  for (const { uses } of steps.filter((step) => step.uses)) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
});

test('Node is one that Lenslet runs on, and every command is there', () => {
  expect(nodeProblem(`${using('actions/setup-node').with['node-version']}.19.0`)).toBe(null);
  const commands = steps.flatMap(({ run }) => run ?? []);
  expect(commands[0]).toBe('npm install --no-save');
  for (const command of commands.slice(1)) {
    const [, script] = /^npm run (\S+)$/.exec(command) ?? [];
    const [, file] = /^node (\S+)$/.exec(command) ?? [];
    expect(script ? script in scripts : existsSync(join(root, file))).toBe(true);
  }
});

test('what is built is what is uploaded, and the job that deploys it may', () => {
  expect(using('actions/upload-pages-artifact').with.path).toBe('dist');
  expect(Object.keys(jobs)).toEqual(['build', 'deploy']);
  expect(jobs.deploy.needs).toBe('build');
  expect(permissions).toEqual({ contents: 'read', pages: 'write', 'id-token': 'write' });
  expect(jobs.deploy.environment.url).toBe(`\${{ steps.${using('actions/deploy-pages').id}.outputs.page_url }}`);
});
