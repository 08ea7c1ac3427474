import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first program of these names on the path; undefined where there is none. */
export function onPath(/** @type {string[]} */ names) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .find((file) => existsSync(file));
}
