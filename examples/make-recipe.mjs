#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDirectory, writeRecipe } from 'lenslet/node';

/** Writes the recipes of this folder, or into the folder named, from effects that were measured on the model; a test
 *  keeps them equal. */

const folder = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url));

const lens = await openDirectory(fileURLToPath(new URL('../public/models/lenslet-mini', import.meta.url)));
const offered = lens.info.effects.filter(({ shipped }) => shipped);
const effectOf = (name) => offered.find((effect) => effect.name.startsWith(name));
const write = (name, recipe) => writeFile(join(folder, `${name}.recipe.json`), writeRecipe(recipe));

const { title, edits, prompt, maxTokens } = effectOf('suppress-chinese');
await write('no-chinese', { ...lens.recipe(edits, { maxTokens }), name: title, prompt });

// Feature 1956 at layer 0 fires on “×”: behind one, to the end of its turn, the edits act, on what the assistant says.
const products = effectOf('arithmetic').edits.map((edit) => ({
  ...edit,
  where: 'assistant.text',
  when: '0:1956 > 10 in turn',
}));
await write('no-products', {
  ...lens.recipe(products, { temperature: 0, maxTokens: 24 }),
  name: 'Break products, in answers alone',
  conversation: { messages: [{ role: 'user', content: 'What is 59 × 5?' }] },
});
await lens.close();
