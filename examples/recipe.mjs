#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { controlOf, LensError, openDirectory, parseRecipe, recipeWarnings } from 'lenslet/node';
import { oneLine, sideBySide, wrap } from './table.mjs';

/** Steering as a config option: what a model writes without a recipe's edits, with them, and with their control. */

const USAGE = 'node examples/recipe.mjs RECIPE.json [PROMPT] [--model FOLDER]';
/** Of the control's random direction, and of seven more that its KL is judged among: the page's first draw and its
 *  band. */
const CONTROL_SEED = 8;
const BAND_SEEDS = [9, 10, 11, 12, 13, 14, 15];
const WIDTH = 36;

async function run(file, asked, folder) {
  const recipe = parseRecipe(await readFile(file, 'utf8'), file);
  const prompt = asked ?? recipe.conversation ?? recipe.prompt;
  if (!prompt) throw new LensError(`${file} holds no prompt. Give one: ${USAGE}`);
  const lens = await openDirectory(folder);
  try {
    const warnings = recipeWarnings(recipe, lens.info);
    console.log(
      warnings.length > 0
        ? warnings.map((warning) => `Warning: ${warning}`).join('\n')
        : 'Model and dictionaries are those of the recipe.',
    );
    console.log(`\n${says(prompt)}\n`);

    // The control moves along a random direction by the |change| that the edits made at the same position.
    const own = prompt === recipe.prompt;
    const options = {
      ...recipe.sampling,
      chat: typeof prompt === 'string' ? recipe.chat : undefined,
      // A recipe that does not say it runs its text without what the tokenizer puts first.
      prependBos: own ? (recipe.prependBos ?? false) : undefined,
    };
    const variants = [[], recipe.edits, controlOf(recipe.edits, CONTROL_SEED)];
    const written = variants.map(() => ({ text: '', kl: [] }));
    for await (const { rows } of lens.generate(prompt, { ...options, variants })) {
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
    const band = await lens.band(prompt, recipe.edits, { ...options, seeds: BAND_SEEDS });
    const [effect, ...draws] = [written[1].kl, written[2].kl, ...band].map((kl) => mean(Array.from(kl)));
    const [low, high] = [Math.min(...draws), Math.max(...draws)].map((kl) => kl.toFixed(3));
    console.log(`\nSteered ${effect.toFixed(3)}; ${draws.length} random draws of the same |change| ${low} to ${high}.`);
    console.log(
      'KL(edited ‖ unedited) of the next token, after the row’s own tokens, nats a token: how far, not where to.',
    );
    console.log(
      'At equal |change| a lower KL with the same outcome is the better edit: read the texts, or count over many.',
    );
  } finally {
    await lens.close();
  }
}

const says = (prompt) =>
  typeof prompt === 'string'
    ? oneLine(prompt)
    : prompt.messages.map(({ role, content }) => `${role}: ${oneLine(content)}`).join('\n');

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanOf = (kl) => (kl.length > 0 ? `mean KL ${mean(kl).toFixed(3)} (${kl.length} tokens)` : 'no edit');

const mini = fileURLToPath(new URL('../public/models/lenslet-mini', import.meta.url));
try {
  const { values, positionals } = parseArgs({
    options: { model: { type: 'string', default: mini } },
    allowPositionals: true,
  });
  const [file, prompt, ...more] = positionals;
  if (!file || more.length > 0) throw new LensError(`Usage: ${USAGE}`);
  await run(file, prompt, values.model);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
