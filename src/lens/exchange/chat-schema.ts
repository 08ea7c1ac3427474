import * as v from 'valibot';
import type { Chat } from '../api/chat';
import { chatFrom, isFault } from './chat-fields';

/** A conversation from elsewhere as a part of a schema; its texts have at most `longest` characters in all. Unknown keys
 *  are refused. */
export const chatSchema = (longest: number) =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Chat>(({ dataset: { value }, addIssue, NEVER }) => {
      const read = chatFrom(value, longest);
      if (!isFault(read)) return read;
      addIssue({ message: read.message, path: pathIn(value, read.path) });
      return NEVER;
    }),
  );

type Issue = Parameters<v.RawTransformContext<unknown>['addIssue']>[0];

function pathIn(value: unknown, keys: readonly (string | number)[]): NonNullable<Issue>['path'] {
  let at = value;
  const items = keys.map((key): v.IssuePathItem => {
    const input = at;
    at = (input as Record<string | number, unknown>)[key];
    return { type: 'unknown', origin: 'value', input, key, value: at };
  });
  const [first, ...rest] = items;
  return first && [first, ...rest];
}
