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
    title: 'See what is active',
    says: 'A feature is something that the model has learnt to notice. Colour behind the text shows where the chosen one is active, each strip under Features where its own is: the stronger the colour, the more. Click a token for the features active on it. Keys: ← → for tokens, ↑ ↓ for features.',
  },
  {
    tab: 'steer',
    region: 'steering',
    title: 'Change one feature',
    says: 'Steer gives a feature a slider. Drag it: the probabilities of the next token follow the hand. Let go: the model writes on with the edit and without, word beside word. Beside them the control, a push of the same size in a random direction.',
  },
  {
    tab: 'words',
    region: 'words',
    title: 'Read a token in words',
    says: 'A second model describes the activation at the locked token in sentences. A third rebuilds the activation from the sentences alone: the score says how much they kept, its control what other tokens’ words would. Edit a sentence, and the score follows.',
  },
];

/** Whether the first look was taken or skipped in this browser. */
export const lookTaken = (): boolean => readChoice(KEY) !== null;

export const rememberLook = (): void => writeChoice(KEY, 'taken');
