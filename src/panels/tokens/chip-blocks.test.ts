import { expect, test } from 'vitest';
import { blocksOf, chipWidth, WHOLE } from './chip-blocks';

const chipsOf = (count: number) =>
  Array.from({ length: count }, (_, from) => ({ text: 'x', from, to: from, special: false }));

test('a short text is one block', () => {
  expect(blocksOf(chipsOf(WHOLE), () => 10, 100)).toHaveLength(1);
});

test('a long text is cut at line ends only, and no chip is lost', () => {
  const chips = chipsOf(2000);
  const widthOf = ({ from }: { from: number }) => 10 + ((from * 7) % 50);
  const blocks = blocksOf(chips, widthOf, 700);
  expect(blocks.flatMap((block) => block.chips)).toEqual(chips);
  expect(blocks.length).toBeGreaterThan(20);
  // One flow over the whole text breaks where the blocks do, and as often.
  const starts = new Set<number>();
  let x = 0;
  for (const chip of chips) {
    if (x > 0 && x + widthOf(chip) > 699) x = 0;
    if (x === 0) starts.add(chip.from);
    x += widthOf(chip);
  }
  for (const block of blocks) expect(starts.has(block.chips[0]!.from)).toBe(true);
  expect(blocks.reduce((sum, block) => sum + block.lines, 0)).toBe(starts.size);
});

test('a chip wider than the line has one of its own', () => {
  const blocks = blocksOf(chipsOf(WHOLE + 1), () => 500, 100);
  expect(blocks.reduce((sum, block) => sum + block.lines, 0)).toBe(WHOLE + 1);
});

test('signs that are drawn have their own width', () => {
  const measure = { text: (text: string) => 9 * text.length, code: (text: string) => 6 * text.length, sign: 12 };
  expect(chipWidth(' the', measure)).toBe(36);
  expect(chipWidth('\n\t', measure)).toBe(24);
  expect(chipWidth('\u0007', measure)).toBe(40);
  expect(chipWidth('\u00a0', measure)).toBe(11);
  expect([chipWidth('', measure), chipWidth('i', { ...measure, text: () => 2 })]).toEqual([9, 6]);
});
