import type { ViewState } from '../state/base/view';
import { readChoice, writeChoice } from './choices';

const KEY = 'lenslet-first-look';

/** A step of the first look: the region that it speaks of, and what it says. True of any state of the page. */
interface Look {
  tab: ViewState['tab'];
  /** The region's class. */
  region: string;
  title: string;
  says: string;
}

export const LOOKS: readonly Look[] = [
  {
    tab: 'features',
    region: 'features',
    title: 'Read a token',
    says: 'A click on a token locks it: a line marks it in the text, and Features lists what is active on it, the strongest first. Choose one: the text shows where it is active, its card what it is. Keys: ← → for tokens, ↑ ↓ for features.',
  },
  {
    tab: 'steer',
    region: 'steering',
    title: 'Change one feature',
    says: 'Steer makes a feature an edit with a slider. Drag it: the next-token view follows the hand. Let go: the model writes on, with the edit and without, word beside word.',
  },
  {
    tab: 'steer',
    region: 'steering',
    title: 'Ask whether it was the feature',
    says: 'The control is a push of the same size along a random direction; the hatched band is seven more. The sentence under the texts says whether the edit moved the model further than they did. That is size, not kind: read the texts, or count over many prompts, as the measured effects do.',
  },
];

/** Whether the first look was taken or skipped in this browser. */
export const lookTaken = (): boolean => readChoice(KEY) !== null;

export const rememberLook = (): void => writeChoice(KEY, 'taken');
