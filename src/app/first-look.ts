import type { ViewState } from '../state/view';

const KEY = 'lenslet-first-look';

/** A step of the first look: the region that it speaks of, and what it says. */
export interface Look {
  tab: ViewState['tab'];
  title: string;
  says: string;
}

export const LOOKS: readonly Look[] = [
  {
    tab: 'features',
    title: 'Read a token',
    says: 'One token is locked: a line marks it in the text. On the left stand the features that are active on it, the strongest first. ← → locks another token, ↑ ↓ chooses another feature; its card says where else it fires.',
  },
  {
    tab: 'steer',
    title: 'Change one feature',
    says: 'An edit stands ready. Drag its slider: the next-token view follows the hand. Let go: the model writes on, with the edit and without, word beside word.',
  },
  {
    tab: 'steer',
    title: 'Ask whether it was the feature',
    says: 'The control is a push of the same size along a random direction; the hatched band is seven more. The sentence under the texts says whether the edit did more than they did. If not, it is no finding.',
  },
];

/** Whether the first look was taken or skipped in this browser; where storage is closed, it was. */
export function lookTaken(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}

export function rememberLook(): void {
  try {
    localStorage.setItem(KEY, 'taken');
  } catch {
    // Storage is closed here: it is offered again at the next visit, or never.
  }
}
