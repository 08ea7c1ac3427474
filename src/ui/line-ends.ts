/** A text box has one sign for the end of a line, \n, for each \r\n and each \r alone of the text that it holds. */
export const inBox = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

/** The text whose box was edited and now holds `typed`: where nothing was typed its line ends stay what they were, and
 *  what was typed has the box's. */
export function retyped(text: string, typed: string): string {
  const before = inBox(text);
  if (before === text) return typed;
  const most = Math.min(before.length, typed.length);
  let head = 0;
  while (head < most && before[head] === typed[head]) head++;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === typed.at(-1 - tail)) tail++;
  const [left, right] = [text.slice(0, placeOf(text, head)), text.slice(placeOf(text, before.length - tail))];
  return join(join(left, typed.slice(head, typed.length - tail)), right);
}

/** Where a text's character begins that is the box's character `at`. */
function placeOf(text: string, at: number): number {
  let place = 0;
  for (let i = 0; i < at; i++) place += text.startsWith('\r\n', place) ? 2 : 1;
  return place;
}

/** Two line ends that come to stand beside each other are not to be one. */
const join = (left: string, right: string): string =>
  (right.startsWith('\n') ? left.replace(/\r+$/, (run) => '\n'.repeat(run.length)) : left) + right;
