import { expect, test } from 'vitest';
import type { KeptEntry } from '../../lens/api/model';
import { fakeLens } from '../../state/testing/lens';
import { confirmSays, contextSays, factsSay, originSays, stateSays } from './model-words';

const costs = { download: 4e9, memory: 2e9, disk: 1.5e9, largest: 1e9, beside: 0 };
const NONE = { read: 0, beside: 0 };

test('what will be fetched, from where, how long it takes and where it is kept', () => {
  expect(confirmSays(costs, 'huggingface.co', NONE)).toBe(
    'Fetches 4.00 GB from huggingface.co, 11 min at 50 Mbit/s; keeps 1.50 GB in this browser. What you write stays in this tab.',
  );
  expect(confirmSays(costs, 'huggingface.co', { read: 3e9, beside: 0 })).toContain(
    'Fetches 1.00 GB from huggingface.co (3.00 GB more are here already), 3 min at 50 Mbit/s;',
  );
  expect(confirmSays({ ...costs, beside: 1e7 }, 'huggingface.co', NONE)).toContain(
    'Fetches 3.99 GB from huggingface.co and 10.0 MB from this page, 11 min',
  );
  const kept = { read: 1e7, beside: 1e7 };
  expect(confirmSays({ ...costs, beside: 1e7 }, 'huggingface.co', kept)).toContain(
    'Fetches 3.99 GB from huggingface.co (10.0 MB more are here already), 11 min',
  );
  expect(confirmSays(costs, null, NONE)).toMatch(/^Reads 4\.00 GB from the folder; keeps/);
  expect(confirmSays(null, 'm.example', NONE)).toContain('How many bytes is said once their headers are read');
});

test('an entry is whole or says how far it came, and never 100 % before it is', () => {
  const entry = { complete: false, read: 41, total: 100 } as KeptEntry;
  expect([
    stateSays(entry),
    stateSays({ ...entry, read: 99.9 }),
    stateSays({ ...entry, read: 0, total: 0 }),
    stateSays({ ...entry, complete: true }),
  ]).toEqual(['interrupted at 41 %', 'interrupted at 99 %', 'interrupted at its beginning', 'complete']);
});

test('an open model’s facts, and its origin by the commit', () => {
  const { info } = fakeLens();
  const kept = { ...info, format: 'q4' as const, memory: { weights: 1.2e9, dictionaries: 268e6 } };
  const says = 'Weights q4, activations float32, 1.20 GB of weights and 268 MB of dictionaries';
  expect(factsSay({ ...kept, provider: 'webgpu' })).toBe(`${says} on the device; texts up to 64 tokens.`);
  expect(factsSay({ ...kept, provider: 'wasm' })).toBe(`${says} in memory; texts up to 64 tokens.`);
  expect(contextSays(4681, 32_768)).toBe('texts up to 4,681 tokens here, 32,768 by the model');
  expect(
    originSays({ kind: 'hub', endpoint: 'https://huggingface.co', repo: 'a/b', revision: '0123456789', asked: 'main' }),
  ).toBe('a/b at 0123456, huggingface.co');
});
