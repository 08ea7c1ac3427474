import { PromptSetError } from '../../api/errors';
import { uniform } from '../../maths/random';
import type { PromptItem } from './prompt';

/** Texts with slots: `{a} × {b} =`. */

/** The whole numbers from `from` to `to`, or a list of texts. */
export type Slot = { from: number; to: number; step: number } | { list: string[] };

export type Operation = 'sum' | 'difference' | 'product';

export interface Template {
  /** `{name}` stands for a slot; other braces stand for themselves. */
  text: string;
  slots: Record<string, Slot>;
  /** All combinations, or some of them without repetition. */
  take: 'crossed' | { sample: number; seed: number };
  /** A text with slots, or what is computed from two slots of whole numbers or more. */
  expect?: string | { of: Operation; slots: string[] };
  /** A text with slots: prompts with the same one are one cluster. */
  group?: string;
}

export const MOST_PROMPTS = 10_000;
const MOST_COMBINATIONS = 2 ** 32;
const STREAM = 0x20000003;
const NAME = /\{([A-Za-z]\w{0,29})\}/g;

/** The prompts that a template makes, without their ids, in the order of its combinations. Throws PromptSetError for a
 *  slot that is not there or not used, for more prompts than a set may hold, and for a sum that is not exact. */
export function filled(template: Template): Omit<PromptItem, 'id'>[] {
  const names = Object.keys(template.slots);
  check(template, names);
  const slots = names.map((name) => [name, template.slots[name]!] as const);
  const total = slots.reduce((product, [, slot]) => product * sizeOf(slot), 1);
  return chosen(template, total).map((index) => {
    const values = new Map<string, string>();
    // The last slot turns fastest.
    let left = index;
    for (const [name, slot] of slots.toReversed()) {
      const size = sizeOf(slot);
      values.set(name, textOf(slot, left % size));
      left = Math.floor(left / size);
    }
    return promptOf(template, values);
  });
}

const sizeOf = (slot: Slot): number =>
  'list' in slot ? slot.list.length : Math.floor((slot.to - slot.from) / slot.step) + 1;

const textOf = (slot: Slot, index: number): string =>
  'list' in slot ? slot.list[index]! : String(slot.from + slot.step * index);

/** Which combinations are taken, ascending: all, or a sample without repetition (Floyd's algorithm; Bentley and Floyd,
 *  1987). */
function chosen({ text, take }: Template, total: number): number[] {
  const wanted = take === 'crossed' ? total : take.sample;
  if (wanted > MOST_PROMPTS || total > MOST_COMBINATIONS)
    throw wrong(
      text,
      `makes ${total} combinations. At most ${MOST_PROMPTS} prompts are made of at most ${MOST_COMBINATIONS}: take fewer values, or a sample.`,
    );
  if (take === 'crossed') return Array.from({ length: total }, (_, i) => i);
  if (wanted > total) throw wrong(text, `makes ${total} combinations: a sample of ${wanted} cannot be taken.`);
  const taken = new Set<number>();
  for (let j = total - wanted; j < total; j++) {
    const draw = Math.floor(uniform(take.seed, STREAM, j) * (j + 1));
    taken.add(taken.has(draw) ? j : draw);
  }
  return [...taken].sort((a, b) => a - b);
}

function promptOf(template: Template, values: ReadonlyMap<string, string>): Omit<PromptItem, 'id'> {
  const fill = (text: string) => text.replace(NAME, (_, name: string) => values.get(name)!);
  const { text, expect, group } = template;
  const prompt: Omit<PromptItem, 'id'> = { text: fill(text) };
  if (expect !== undefined)
    prompt.expect = typeof expect === 'string' ? fill(expect) : computed(template, expect, values);
  if (group !== undefined) prompt.group = fill(group);
  return prompt;
}

/** An exact whole number, as digits. */
function computed(
  { text }: Template,
  { of, slots }: { of: Operation; slots: string[] },
  values: ReadonlyMap<string, string>,
): string {
  const numbers = slots.map((name) => values.get(name)!);
  for (const number of numbers)
    if (!/^-?\d{1,15}$/.test(number))
      throw wrong(text, `computes with “${number.slice(0, 40)}”, which is no whole number of at most 15 digits.`);
  const apply = {
    sum: (a: bigint, b: bigint) => a + b,
    difference: (a: bigint, b: bigint) => a - b,
    product: (a: bigint, b: bigint) => a * b,
  }[of];
  return numbers.map(BigInt).reduce(apply).toString();
}

function check({ text, slots, expect, group }: Template, names: readonly string[]): void {
  const used = (of: string) => Array.from(of.matchAll(NAME), ([, name]) => name!);
  const computedFrom = typeof expect === 'object' ? expect.slots : used(expect ?? '');
  for (const name of [...used(text), ...computedFrom, ...used(group ?? '')])
    if (!Object.hasOwn(slots, name))
      throw wrong(text, `names the slot {${name}}, which has no values: give it a list or a range.`);
  const unused = names.find((name) => !used(text).includes(name));
  if (unused !== undefined) throw wrong(text, `has no place for the slot {${unused}}: its prompts would be the same.`);
}

const wrong = (text: string, what: string) =>
  new PromptSetError(`The template “${text.slice(0, 80)}” ${what}`, { template: text });
