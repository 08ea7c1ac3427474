#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { controlOf, LensError, openDirectory, parseRecipe, recipeWarnings } from 'lenslet/node';
import { oneLine, sideBySide, wrap } from './table.mjs';

/** Steering as a config option: what a model writes without a recipe's edits, with them, and with their control. */

const USAGE = 'node examples/recipe.mjs RECIPE.json [PROMPT] [--model FOLDER]';
/** Of the control's random direction. */
const CONTROL_SEED = 16;
const WIDTH = 36;

async function run(file, asked, folder) {
  const recipe = parseRecipe(await readFile(file, 'utf8'), file);
  const prompt = asked ?? recipe.prompt;
  if (!prompt) throw new LensError(`${file} holds no prompt. Give one: ${USAGE}`);
  const lens = await openDirectory(folder);
  try {
    const warnings = recipeWarnings(recipe, lens.info);
    console.log(warnings.length > 0 ? warnings.map((warning) => `Warning: ${warning}`).join('\n') : 'Model and dictionaries are those of the recipe.');
    console.log(`\n${oneLine(prompt)}\n`);

    // The control moves along a random direction by the |change| that the edits made at the same position.
    const variants = [[], recipe.edits, controlOf(recipe.edits, CONTROL_SEED)];
    const written = variants.map(() => ({ text: '', kl: [] }));
    for await (const { rows } of lens.generate(prompt, { ...recipe.sampling, chat: recipe.chat, variants })) {
      for (const [i, row] of rows.entries()) {
        if (!row) continue; // it ended before
        written[i].text += row.text;
        if (row.kl !== null) written[i].kl.push(row.kl);
      }
    }
    const beside = (columns) => console.log(sideBySide(columns, [WIDTH, WIDTH, WIDTH]).join('\n'));
    beside([['Baseline'], ['Steered'], ['Control']]);
    beside(written.map(({ text }) => [...wrap(text, WIDTH), '']));
    beside(written.map(({ kl }) => [meanOf(kl)]));
    console.log('\nKL: of the row’s next-token distribution from the unedited model’s, at equal prefix, nats a token.');
  } finally {
    await lens.close();
  }
}

const meanOf = (kl) => (kl.length > 0 ? `mean KL ${(kl.reduce((sum, x) => sum + x, 0) / kl.length).toFixed(3)} (${kl.length} tokens)` : 'no edit');

const mini = fileURLToPath(new URL('../public/models/lenslet-mini', import.meta.url));
try {
  const { values, positionals } = parseArgs({ options: { model: { type: 'string', default: mini } }, allowPositionals: true });
  const [file, prompt, ...more] = positionals;
  if (!file || more.length > 0) throw new LensError(`Usage: ${USAGE}`);
  await run(file, prompt, values.model);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
