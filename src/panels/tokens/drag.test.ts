import { expect, test } from 'vitest';
import { createView } from '../../state/base/view';
import { createDrag } from './drag';

function setup() {
  const view = createView();
  return {
    drag: createDrag(view),
    range: () => {
      const { anchor, locked } = view.store.getState();
      return [anchor, locked];
    },
  };
}

test('a click locks and lets go, with Shift it selects up to there', () => {
  const { drag, range } = setup();
  drag.down(3);
  drag.up();
  drag.click(3, false);
  expect(range()).toEqual([null, 3]);
  drag.down(7);
  drag.up();
  drag.click(7, true);
  expect(range()).toEqual([3, 7]);
  drag.click(7, false);
  expect(range()).toEqual([null, 7]);
  drag.click(7, false);
  expect(range()).toEqual([null, null]);
});

test('a drag selects from where it began, in both directions, and its last click changes nothing', () => {
  const { drag, range } = setup();
  drag.click(20, false);
  drag.down(5);
  expect(drag.move(5)).toBe(false);
  expect(range()).toEqual([null, 20]);
  expect(drag.move(8)).toBe(true);
  expect(range()).toEqual([5, 8]);
  drag.move(null);
  drag.move(2);
  expect(range()).toEqual([5, 2]);
  drag.up();
  drag.click(2, false);
  expect(range()).toEqual([5, 2]);
});

test('back on its first token a drag is that token alone, and can go on', () => {
  const { drag, range } = setup();
  drag.down(5);
  drag.move(6);
  drag.move(5);
  expect(range()).toEqual([null, 5]);
  drag.move(4);
  expect(range()).toEqual([5, 4]);
});

test('without a button held nothing is selected', () => {
  const { drag, range } = setup();
  drag.move(4);
  drag.down(null);
  drag.move(4);
  expect(range()).toEqual([null, null]);
});
