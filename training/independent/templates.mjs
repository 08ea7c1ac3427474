// Puts the conversations of a fixture of templates.py through the page's code: texts byte for byte, ids, and the words
// with which a template refuses. The folders of the models come as JSON on stdin.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { module } = await runnerImport(join(root, 'src/lens/engine/tokenizer.ts'), {
  root,
  configFile: false,
  logLevel: 'warn',
});
const { cases, models } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const digest = (ids) => createHash('sha256').update(ids.join()).digest('hex');

function open(folder) {
  const json = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const file = join(folder, 'chat_template.jinja');
  const template = existsSync(file) ? readFileSync(file, 'utf8') : null;
  return new module.Tokenizer(json('tokenizer.json'), json('tokenizer_config.json'), template);
}

function readBy(tokenizer, chat) {
  try {
    const { text, ids } = tokenizer.read(chat);
    return { text, ids: digest(ids) };
  } catch (error) {
    return { refuses: error.fields?.words ?? error.message };
  }
}

const wrong = [];
let compared = 0;
for (const [model, folder] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  const tokenizer = open(folder);
  for (const [name, answers] of Object.entries(models[model])) {
    for (const thinking of [false, true]) {
      const ours = readBy(tokenizer, { ...cases[name], thinking });
      const theirs = answers[Number(thinking)] ?? answers[0];
      for (const key of ['text', 'ids', 'refuses']) {
        if (theirs[key] === undefined) continue;
        compared++;
        if (ours[key] !== theirs[key])
          wrong.push(
            `${model}, ${name}, thinking ${thinking}: ${key} ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`,
          );
      }
    }
  }
}
console.log([...wrong, `${compared - wrong.length} of ${compared} texts, ids and refusals are the same.`].join('\n'));
process.exitCode = wrong.length > 0 ? 1 : 0;
