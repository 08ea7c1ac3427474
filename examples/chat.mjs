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
  const { messages: before = [], open = false, ids, thinking, template } = recipe.conversation ?? {};
  const messages = [...before];
  const asks = messages.at(-1)?.role === 'user';
  if (questions.length === 0 && !asks && !open) throw new LensError(`${file} asks nothing. Ask something: ${USAGE}`);
  const lens = await openDirectory(folder);
  try {
    for (const warning of recipeWarnings(recipe, lens.info)) console.log(`Warning: ${warning}`);
    for (const { layer, feature, mode, where = 'all', when = 'always' } of recipe.edits)
      console.log(`${mode} ${layer}:${feature}, where ${where}, when ${when}`);
    const reply = async (begun) => {
      const content = await answer(lens, { messages, thinking, template, ...begun }, recipe);
      if (begun) messages.pop();
      messages.push({ role: 'assistant', content });
    };
    // A begun answer is gone on with first. A question on the command line stands in place of the recipe's own.
    if (open) await reply({ open, ids });
    else if (asks && questions.length === 0) await reply();
    else if (asks) messages.pop();
    for (const content of questions) {
      messages.push({ role: 'user', content });
      await reply();
    }
  } finally {
    await lens.close();
  }
}

/** Prints the three answers to the last question, with what was begun of them, and resolves to the baseline. */
async function answer(lens, chat, { edits, sampling }) {
  const variants = [[], edits, controlOf(edits, CONTROL_SEED)];
  const texts = ['', '', ''];
  let acted = 0;
  let tokens = 0;
  for await (const { rows } of lens.generate(chat, { ...sampling, variants })) {
    for (const [i, row] of rows.entries()) {
      if (row) texts[i] += row.text;
      if (row?.done === 'sequence') texts[i] = withoutStop(texts[i], sampling.stop);
    }
    if (rows[1]) tokens++;
    if (rows[1]?.acted) acted++;
  }
  const begun = chat.open ? chat.messages.at(-1).content : '';
  const question = chat.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  console.log(`\n${pad('User', 10)}${oneLine(question)}`);
  for (const [i, name] of ['Baseline', 'Steered', 'Control'].entries())
    console.log(
      `${pad(name, 10)}${oneLine(begun + texts[i])}${i === 1 ? `   (acted at ${acted} of ${tokens} steps)` : ''}`,
    );
  return begun + texts[0];
}

/** A text that a stop sequence ended, up to where the first of them begins. */
function withoutStop(text, stop) {
  return text.slice(0, Math.min(...stop.map((one) => text.indexOf(one)).filter((at) => at >= 0)));
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
