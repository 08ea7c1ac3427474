import type { PromptSet } from './prompt';
import { promptSetFrom } from './prompt-set';

/** The prompt sets that come with the library, written for this project. */
const FILES = {
  products: () => import('./shipped/products.json'),
  sums: () => import('./shipped/sums.json'),
  'english-chinese': () => import('./shipped/english-chinese.json'),
  neutral: () => import('./shipped/neutral.json'),
} as const;

export type ShippedName = keyof typeof FILES;
export const SHIPPED = Object.keys(FILES) as ShippedName[];

/** A shipped set, loaded when it is asked for. */
export async function shippedPrompts(name: ShippedName): Promise<PromptSet> {
  const { name: _, ...set } = await promptSetFrom((await FILES[name]()).default, `The prompt set “${name}”`);
  return set;
}
