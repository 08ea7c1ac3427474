import { expect, test } from 'vitest';
import { type ChipElement, ChipSelection } from './chip-selection';

/** Elements that note each time they are touched. */
function setup(count: number) {
  let touched = 0;
  const elements = Array.from({ length: count }, () => {
    const classes = new Set<string>();
    const attributes: Record<string, string> = {};
    const element: ChipElement = {
      setAttribute: (name, value) => {
        touched++;
        attributes[name] = value;
      },
      classList: {
        add: (name) => {
          touched++;
          classes.add(name);
        },
        remove: (name) => {
          touched++;
          classes.delete(name);
        },
        toggle: (name, on) => {
          touched++;
          if (on) classes.add(name);
          else classes.delete(name);
          return on ?? false;
        },
      },
    };
    return { element, classes, attributes };
  });
  // The third chip holds two positions.
  const chips = elements.map((_, i) => ({ from: i < 3 ? i : i + 1, to: i < 2 ? i : i + 1 }));
  const selection = new ChipSelection(
    elements.map(({ element }) => element),
    chips,
  );
  return {
    selection,
    with: (name: string) => elements.flatMap(({ classes }, i) => (classes.has(name) ? [i] : [])),
    where: (name: string, value: string) =>
      elements.flatMap(({ attributes }, i) => (attributes[name] === value ? [i] : [])),
    count: () => {
      const now = touched;
      touched = 0;
      return now;
    },
  };
}

const NOTHING = { locked: null, anchor: null, hover: null };

test('a pointer over 2,000 chips touches the one it leaves and the one it reaches', () => {
  const { selection, count, ...marks } = setup(2000);
  selection.show({ ...NOTHING, locked: 500 });
  selection.show({ ...NOTHING, locked: 500, hover: 10 });
  count();
  selection.show({ ...NOTHING, locked: 500, hover: 11 });
  expect(count()).toBe(2);
  expect(marks.with('chip-hover')).toEqual([10]);
  expect(marks.with('chip-locked')).toEqual([499]);
  selection.show({ ...NOTHING, locked: 500, hover: 11 });
  expect(count()).toBe(0);
});

test('what lies between lock and anchor is selected, in either order, and let go again', () => {
  const { selection, ...marks } = setup(12);
  selection.show({ ...NOTHING, locked: 4 });
  expect(marks.where('aria-selected', 'true')).toEqual([3]);
  expect(marks.with('chip-ranged')).toEqual([]);
  selection.show({ ...NOTHING, locked: 8, anchor: 5 });
  expect(marks.where('aria-selected', 'true')).toEqual([4, 5, 6, 7]);
  expect(marks.with('chip-ranged')).toEqual([4, 5, 6, 7]);
  selection.show({ ...NOTHING, locked: 2, anchor: 5 });
  expect(selection.range()).toEqual({ from: 2, to: 4 });
  expect(marks.with('chip-ranged')).toEqual([2, 3, 4]);
  expect(marks.with('chip-locked')).toEqual([2]);
  selection.show(NOTHING);
  expect(marks.where('aria-selected', 'true')).toEqual([]);
  expect(marks.with('chip-ranged')).toEqual([]);
});

test('one chip is the tab stop, and it stays where it was last', () => {
  const { selection, ...marks } = setup(6);
  const stop = () => marks.where('tabindex', '0');
  selection.show(NOTHING);
  expect(stop()).toEqual([0]);
  selection.show({ ...NOTHING, hover: 1 });
  expect(stop()).toEqual([1]);
  selection.show(NOTHING);
  expect(stop()).toEqual([1]);
  selection.show({ ...NOTHING, locked: 5, hover: 0 });
  expect(stop()).toEqual([4]);
  selection.clear();
  expect(stop()).toEqual([]);
});

test('positions that share a chip are one', () => {
  const { selection } = setup(6);
  expect([selection.indexOf(2), selection.indexOf(3), selection.indexOf(4)]).toEqual([2, 2, 3]);
  expect([selection.indexOf(null), selection.indexOf(99), selection.range({ locked: null, anchor: 3 })]).toEqual([
    -1,
    -1,
    { from: 0, to: -1 },
  ]);
});
