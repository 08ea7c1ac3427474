import { expect, test } from 'vitest';
import type { EditRow } from '../steering/edits';
import { decodeLink, encodeLink } from './link-codec';
import { decodeRow, encodeRow } from './link-rows';

const row = (part: Partial<EditRow>): EditRow => ({
  key: 1,
  layer: 3,
  feature: 1933,
  mode: 'add',
  strength: 1,
  unit: 'times',
  where: 'all',
  on: 'active',
  enabled: true,
  ...part,
});

test('words for tokens and a gate stand behind the row, as a person reads them', () => {
  expect(encodeRow(row({ where: 'assistant.text', when: '3:650 > 5' }))).toBe('3:1933a1~assistant.text!3:650%3E5');
  expect(encodeRow(row({ where: 'first16', enabled: false }))).toBe('3:1933a1x~first16');
  // What earlier links could say they still say in the same way.
  expect(encodeRow(row({ where: 'prompt', when: '0:7 > 0.5 in turn' }))).toBe('3:1933a1p!0:7%3E0.5inturn');
  expect(['prompt', 'generated', 'all', [3, 4]].map((where) => encodeRow(row({ where })))).toEqual([
    '3:1933a1p',
    '3:1933a1g',
    '3:1933a1',
    '3:1933a1@3-4',
  ]);
});

test('a row comes back as it was, whatever the address bar made of its signs', () => {
  const rows = [
    row({ where: 'generated.turn2.thinking' }),
    row({ where: [4, 5, 9], when: '3:650 > 5 until 2' }),
    row({ where: 'from-last', mode: 'clamp', on: 'preactivation', enabled: false, when: '2:1 > 1e+21' }),
    row({ when: '3:650 > 5 in turn' }),
  ];
  for (const one of rows) expect(decodeRow(encodeRow(one), 1)).toEqual(one);
  expect(decodeLink(new URL(`https://example.org/#${encodeLink({ rows })}`).hash).rows).toEqual(
    rows.map((one, i) => ({ ...one, key: i + 1 })),
  );
  expect(decodeRow('3:1933a1!3:650>5', 1)).toEqual(row({ when: '3:650 > 5' }));
  expect(decodeRow('3:1933a1!3:650%20%3e%205%20in%20turn', 1)).toEqual(row({ when: '3:650 > 5 in turn' }));
});

test('what nobody wrote is no row', () => {
  const bad = [
    '3:1a1~',
    '3:1a1~nobody',
    '3:1a1~user.assistant',
    '3:1a1p~assistant',
    '3:1a1@3~assistant',
    `3:1a1~${'turn1.'.repeat(20)}`,
    '3:1a1~turn99999999',
    '3:1a1!',
    '3:1a1!3:650',
    '3:1a1!3:650>-1',
    '3:1a1!3:650>1e99',
    '3:1a1!3:650>5until9',
    '3:1a1!%',
    '3:1a1!%ff%fe',
    '3:1a1!3:650>5!3:650>5',
    `3:1a1!3:650>${'9'.repeat(200)}`,
    // A gate is read before its edit acts.
    '3:1a1!4:650>5',
  ];
  for (const text of bad) expect([text, decodeRow(text, 1)]).toEqual([text, null]);
  expect(decodeLink(`#e=3:1a1,${bad[1]}`)).toMatchObject({
    rows: [{ feature: 1 }],
    notices: ['1 edit of the link left out: not readable.'],
  });
});

test('a strength comes back to the last digit, with the unit that it was typed in', () => {
  for (const strength of [10, -300, 0, 14.5026, 1.2345678, 1e-38, -3.4e38, 1e21, 5e-7])
    for (const unit of ['raw', 'max', 'norm'] as const) {
      const one = row({ strength, unit });
      expect(decodeRow(encodeRow(one), 1)).toEqual(one);
    }
  expect(encodeRow(row({ strength: 14.5, unit: 'max' }))).toBe('3:1933a14.5m');
  expect(encodeRow(row({ strength: 1e21, unit: 'raw' }))).toBe('3:1933a1e21r');
  expect(encodeRow(row({ strength: 23, unit: 'norm', where: 'prompt', mode: 'clamp', on: 'active' }))).toBe(
    '3:1933t23hpn',
  );
  expect(encodeRow(row({ strength: -1, unit: 'raw', mode: 'scale' }))).toBe('3:1933s-1');
  // What a person types, and what no engine computes with.
  expect(decodeRow('3:1933a-300r', 1)).toEqual(row({ strength: -300, unit: 'raw' }));
  for (const bad of ['3:1a1e39r', '3:1a-1e99', '3:1a1rm', '3:1s1m', '3:1a1e', '3:1aNaN', `3:1a${'9'.repeat(41)}`])
    expect([bad, decodeRow(bad, 1)]).toEqual([bad, null]);
});

test('without a letter a strength counts maxima, as links once did; a factor is a factor', () => {
  expect(decodeRow('3:1933a10', 1)).toMatchObject({ strength: 10, unit: 'times' });
  expect(decodeRow('3:1933t-2.5', 1)).toMatchObject({ mode: 'clamp', strength: -2.5, unit: 'times' });
  expect(decodeRow('3:1933k2', 1)).toMatchObject({ mode: 'ablate', strength: 2, unit: 'raw' });
});
