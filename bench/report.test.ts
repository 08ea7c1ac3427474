import { expect, test } from 'vitest';
import { report } from './report';
import type { Results } from './results';

const line = (name: string, ms: number, kernels: string[] = []) => ({ name, ms, dispatches: 3, kernels, note: '' });

function run(host: string, ms: number): Results {
  const goals = [{ text: 'Faster', met: ms > 4, figures: '2 x' }];
  const lines = [line('Lenslet', 4, ['encode', 'edit', 'edit']), line('stock', ms)];
  return {
    host,
    adapter: 'google swiftshader',
    software: true,
    runtime: 'jspi',
    load: '2 cores, load 0.4',
    races: [{ title: 'Top-k', rounds: 20, repeat: 2, lines, goals }],
    left: [],
    seconds: 61,
  };
}

test('one table: a row a line, columns for every host, ratios against the first line of its own run', () => {
  const text = report([run('Chromium', 8), run('Dawn', 3)]);
  const rows = text.split('\n').filter((row) => row.startsWith('|'));
  expect(rows).toHaveLength(4);
  expect(rows[2]).toBe('| Top-k | Lenslet | 3 | 4.0 | 1.00 | 20 x 2 | 4.0 | 1.00 | 20 x 2 | encode, 2 x edit |');
  expect(rows[3]).toBe('|  | stock | 3 | 8.0 | 2.00 | 20 x 2 | 3.0 | 0.75 | 20 x 2 |  |');
  expect(new Set(rows.map((row) => row.split('|').length)).size).toBe(1);
});

test('says that the adapter is emulated, which goals are missed, and what was left out', () => {
  const text = report([{ ...run('Dawn', 3), left: ['Decode steps: in the browser only.'] }]);
  expect(text).toContain('emulated in software');
  expect(text).toContain('jspi; 2 cores, load 0.4; 61 s');
  expect(text).toContain('**missed**: Faster (Dawn): 2 x');
  expect(text).toContain('- Dawn: Decode steps: in the browser only.');
  expect(report([{ ...run('Dawn', 8), software: false }])).not.toMatch(/emulated|missed|Left out/);
});

test('leaves cells empty where a host has not run a comparison', () => {
  const rows = report([run('Chromium', 8), { ...run('Dawn', 8), races: [] }]).split('\n');
  expect(rows.find((row) => row.includes('| stock |'))).toBe('|  | stock | 3 | 8.0 | 2.00 | 20 x 2 |  |  |  |  |');
});

test('what was measured of the page has a section of its own, with or without the rest', () => {
  const figures = [{ what: 'Scrolling', quantity: 'longest frame, ms', rounds: [20], goal: 50 }];
  const page = { host: 'Chromium', load: '2 cores', figures, seconds: 9 };
  expect(report([run('Chromium', 8)], page)).toMatch(/Goals:.*## Page.*\| met \|/s);
  expect(report([], page)).toMatch(/^## Page/);
});
