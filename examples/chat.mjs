#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { controlOf, LensError, openDirectory, parseRecipe, recipeWarnings } from 'lenslet/node';
import { oneLine, pad } from './table.mjs';

/** A conversation under a recipe's edits: each question is answered as baseline, steered and control, and the baseline
 *  is kept as the turn that the next question stands behind. */

const USAGE = 'node examples/chat.mjs RECIPE.json [QUESTION …] [--model FOLDER]';
/** Of the control's random direction: the page's first draw. */
const CONTROL_SEED = 8;

async function run(file, questions, folder) {
  const recipe = parseRecipe(await readFile(file, 'utf8'), file);
  const messages = [...(recipe.conversation?.messages ?? [])];
  if (questions.length === 0 && messages.at(-1)?.role !== 'user')
    throw new LensError(`${file} asks nothing. Ask something: ${USAGE}`);
  const lens = await openDirectory(folder);
  try {
    for (const warning of recipeWarnings(recipe, lens.info)) console.log(`Warning: ${warning}`);
    for (const { layer, feature, mode, where = 'all', when = 'always' } of recipe.edits)
      console.log(`${mode} ${layer}:${feature}, where ${where}, when ${when}`);
    const asked = questions.length > 0 ? questions : [messages.pop().content];
    for (const content of asked) {
      messages.push({ role: 'user', content });
      messages.push({ role: 'assistant', content: await answer(lens, { ...recipe.conversation, messages }, recipe) });
    }
  } finally {
    await lens.close();
  }
}

/** Prints the three answers to the last turn, and resolves to the baseline. */
async function answer(lens, { messages, thinking, template }, { edits, sampling }) {
  const chat = { messages, thinking, template };
  const variants = [[], edits, controlOf(edits, CONTROL_SEED)];
  const texts = ['', '', ''];
  let acted = 0;
  let tokens = 0;
  for await (const { rows } of lens.generate(chat, { ...sampling, variants })) {
    for (const [i, row] of rows.entries()) if (row && row.done !== 'stop') texts[i] += row.text;
    if (rows[1]) tokens++;
    if (rows[1]?.acted) acted++;
  }
  console.log(`\n${pad('User', 10)}${oneLine(messages.at(-1).content)}`);
  for (const [i, name] of ['Baseline', 'Steered', 'Control'].entries())
    console.log(`${pad(name, 10)}${oneLine(texts[i])}${i === 1 ? `   (acted at ${acted} of ${tokens} steps)` : ''}`);
  return texts[0];
}

const mini = fileURLToPath(new URL('../public/models/lenslet-mini', import.meta.url));
try {
  const { values, positionals } = parseArgs({
    options: { model: { type: 'string', default: mini } },
    allowPositionals: true,
  });
  const [file, ...questions] = positionals;
  if (!file) throw new LensError(`Usage: ${USAGE}`);
  await run(file, questions, values.model);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
