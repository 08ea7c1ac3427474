import { expect, test } from 'vitest';
import { conversation, threeTurns } from '../testing/conversation';
import { chipsOf } from './chips';
import { partSays, partsOf } from './turns';

const parts = (tokens: Parameters<typeof chipsOf>[0]) =>
  partsOf(chipsOf(tokens))?.map((part) => [partSays(part), part.chips[0]!.from, part.chips.at(-1)!.to]);

test('a turn stands by itself, its answer apart from its thinking; the template stands with what it encloses', () => {
  expect(parts(threeTurns())).toEqual([
    ['turn 0, user', 0, 10],
    ['turn 1, assistant, thinking', 11, 18],
    ['turn 1, assistant, answer', 19, 23],
  ]);
});

test('a plain text has no parts; what the template writes first belongs to no turn', () => {
  expect(partsOf(chipsOf([{ id: 1, text: 'a', position: 0, special: false }]))).toBeNull();
  expect(partsOf([])).toBeNull();
  expect(
    parts(
      conversation(
        [null, null, 'template', '<im_start>', 'You are a model.'],
        ['user', 0, 'template', '<im_start>'],
        ['user', 0, 'content', 'hi'],
        ['user', 1, 'template', '<im_start>'],
      ),
    ),
  ).toEqual([
    ['before the first turn', 0, 1],
    ['turn 0, user', 2, 3],
    ['turn 1, user', 4, 4],
  ]);
});

test('who thinks twice answers twice, and an empty thought is none', () => {
  expect(
    parts(
      conversation(
        ['assistant', 0, 'template', '<think>', '</think>'],
        ['assistant', 0, 'content', 'a'],
        ['assistant', 0, 'thinking', 'b'],
        ['assistant', 0, 'content', 'c'],
      ),
    ),
  ).toEqual([
    ['turn 0, assistant', 0, 2],
    ['turn 0, assistant, thinking', 3, 3],
    ['turn 0, assistant, answer', 4, 4],
  ]);
});
