const KEY = 'lenslet-letters';

/** Whether single letters and signs are keys of the page. A reader who speaks to the computer, or whose keys are let go late, can turn them off. */
export function lettersOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off';
  } catch {
    return true;
  }
}

export function setLetters(on: boolean): void {
  try {
    if (on) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, 'off');
  } catch {
    // Storage is closed here: they stay on.
  }
}
