import { expect, test } from 'vitest';
import type { EditRow } from '../steering/edits';
import { decodeLink, encodeLink } from './link-codec';
import { decodeRow, encodeRow } from './link-rows';

const row = (part: Partial<EditRow>): EditRow => ({
  key: 1,
  layer: 3,
  feature: 1933,
  mode: 'add',
  weight: 1,
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
