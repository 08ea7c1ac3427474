#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openDirectory, writeRecipe } from 'lenslet/node';

/** Writes no-chinese.recipe.json, or the file named, from an effect that was measured on the model; a test keeps the
 *  two equal. */

const file = process.argv[2] ?? fileURLToPath(new URL('no-chinese.recipe.json', import.meta.url));

const lens = await openDirectory(fileURLToPath(new URL('../public/models/lenslet-mini', import.meta.url)));
const offered = lens.info.effects.filter(({ shipped }) => shipped);
const { title, edits, prompt, maxTokens } = offered.find(({ name }) => name.startsWith('suppress-chinese'));
const recipe = { ...lens.recipe(edits, { maxTokens }), name: title, prompt };
await writeFile(file, writeRecipe(recipe));
await lens.close();
