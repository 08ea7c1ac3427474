import { readChoice, writeChoice } from './choices';

const KEY = 'lenslet-letters';

/** Whether single letters and signs are keys of the page. Readers who dictate, or who let go of keys late, can turn
 *  them off. */
export const lettersOn = (): boolean => readChoice(KEY) !== 'off';

export const setLetters = (on: boolean): void => writeChoice(KEY, on ? null : 'off');
