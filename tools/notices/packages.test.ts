import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderOf, packagesOf, takenIn } from './packages.ts';
import { noticeText } from './text.ts';

let root: string;

function put(name: string, text: string): string {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function installed(name: string, version: string, files: Record<string, string>): void {
  put(`node_modules/${name}/package.json`, JSON.stringify({ name, version, license: 'MIT' }));
  for (const [file, text] of Object.entries(files)) put(`node_modules/${name}/${file}`, text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lenslet-notices-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const listed = (...modules: string[]) =>
  packagesOf(
    modules.map((module) => join(root, module)),
    root,
    join(root, 'texts'),
  );

test.each([
  ['/a/node_modules/react/cjs/react.js', '/a/node_modules/react'],
  ['/a/node_modules/@huggingface/hub/dist/index.mjs', '/a/node_modules/@huggingface/hub'],
  ['/a/node_modules/outer/node_modules/inner/x.js', '/a/node_modules/outer/node_modules/inner'],
  ['C:\\a\\node_modules\\react\\x.js', 'C:/a/node_modules/react'],
  ['/a/src/lens/node.ts', null],
])('%s belongs to %s', (module, folder) => {
  expect(folderOf(module)).toBe(folder);
});

test('each package is listed once, by name, with all its texts, however its files are spelled; own modules are not', () => {
  installed('b', '2.0.0', {
    'license.md': 'B’s licence',
    'NOTICE.txt': 'B’s notice',
    'x.js': '',
    'y.js': '',
    'LICENSES.d/x': 'no file of its own',
  });
  installed('@s/a', '1.0.0', { LICENCE: 'A’s licence', 'font.woff2': '' });
  const found = listed('node_modules/b/x.js', 'src/own.ts', 'node_modules/b/y.js', 'node_modules/@s/a/font.woff2');
  expect(found).toEqual([
    { name: '@s/a', version: '1.0.0', license: 'MIT', texts: ['A’s licence'] },
    { name: 'b', version: '2.0.0', license: 'MIT', texts: ['B’s notice', 'B’s licence'] },
  ]);
  const text = noticeText(found, 'The page.');
  expect(text).toMatch(/^The page\. Lenslet itself .*\n\n {2}@s\/a@1\.0\.0 \(MIT\)\n {2}b@2\.0\.0 \(MIT\)\n/);
  for (const part of ['A’s licence', 'B’s notice', 'B’s licence']) expect(text.split(part)).toHaveLength(2);
});

test('what a package’s own file took in is listed too', () => {
  installed('whole', '1.0.0', {
    LICENSE: 'W',
    'x.js':
      'import y;\n// ../node_modules/.pnpm/@in+part@0.5.0/node_modules/@in/part/dist/index.js\nconst z = "// node_modules/no/x.js";\n// ignore-modules:sharp\n',
  });
  installed('@in/part', '0.5.0', { LICENSE: 'P' });
  expect(listed('node_modules/whole/x.js').map(({ name }) => name)).toEqual(['@in/part', 'whole']);
  expect(takenIn('// node_modules/a/x.js\n// ../node_modules/a/y.js\n')).toEqual(['a']);
});

test('a package without a text is given the one that is kept for its version, and is refused without one', () => {
  installed('bare', '1.0.0', { 'x.js': '' });
  const kept = join(root, 'texts/bare@1.0.0');
  expect(() => listed('node_modules/bare/x.js')).toThrow(
    `bare@1.0.0 is bundled and comes without the text of its licence. Put the text into ${kept}.`,
  );
  put('texts/bare@1.0.0/LICENSE', 'kept');
  expect(listed('node_modules/bare/x.js')[0]!.texts).toEqual(['kept']);
  installed('bare', '1.1.0', {});
  expect(() => listed('node_modules/bare/x.js')).toThrow('bare@1.1.0');
});
