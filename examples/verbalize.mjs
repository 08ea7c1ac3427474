#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LensError, openDirectory } from 'lenslet/node';
import { oneLine, wrap } from './table.mjs';

/** Puts one token's residual into words, and says what the words are worth: their score beside its controls, or
 *  SelfIE's relevancy. */

const USAGE =
  'node examples/verbalize.mjs TEXT [--token N] [--source nla|selfie|patchscopes] [--samples N] [--model FOLDER]';
const WIDTH = 76;
/** From here on a token is marked as the vector's doing. */
const RELEVANT = 0.1;

async function run(text, { token, source: wanted, samples, model }) {
  const lens = await openDirectory(model);
  try {
    const { sources, notice } = await lens.verbalizers();
    if (notice) console.error(notice);
    const source = wanted === undefined ? sources[0] : sources.find((one) => one.source === wanted);
    if (!source)
      throw new LensError(
        `There is no source "${wanted}" here. There are ${sources.map((one) => one.source).join(', ')}.`,
      );
    const trace = await lens.trace(text);
    const position = token === undefined ? trace.tokens.length - 1 : Number(token);
    const layer = source.layer ?? lens.info.sites.at(-1)?.layer;

    const answers = Array.from({ length: Number(samples) }, () => ({ text: '', words: [] }));
    for await (const step of lens.verbalize(trace, {
      source: source.source,
      layer,
      position,
      samples: Number(samples),
    })) {
      const answer = answers[step.sample];
      answer.words.push({ text: step.text.slice(answer.text.length), relevancy: step.relevancy });
      answer.text = step.text;
    }
    console.log(
      `“${oneLine(trace.tokens[position].text)}”, token ${position}, residual after block ${layer}. ${source.name}.`,
    );
    const scores = source.scores
      ? await lens.score(
          answers.map((answer) => answer.text),
          trace,
          position,
        )
      : [];
    for (const [i, answer] of answers.entries()) {
      console.log(scores[i] ? `\n${scored(scores[i])}` : '');
      for (const paragraph of answer.text.split('\n\n')) console.log(wrap(paragraph, WIDTH).join('\n'));
      const because = answer.words
        .filter((word) => word.relevancy >= RELEVANT)
        .map((word) => `${oneLine(word.text).trim() || '␣'} ${word.relevancy.toFixed(2)}`);
      if (!source.scores) console.log(`Relevancy, from ${RELEVANT} on: ${because.join(', ') || 'no token'}.`);
    }
    console.log(
      source.scores
        ? `\n${controlsOf(await lens.controls(trace, position), source)}`
        : '\nRelevancy: |p − p without the vector| of a token. Nothing here scores the words.',
    );
    trace.dispose();
  } finally {
    await lens.close();
  }
}

const figure = ({ fve, cosine }) => (fve === null ? `cosine ${cosine.toFixed(2)}` : `FVE ${fve.toFixed(2)}`);
const scored = (score) =>
  score.fve === null
    ? figure(score)
    : `${figure(score)}, relative error ${score.relative.toFixed(2)}, cosine ${score.cosine.toFixed(2)}`;

function controlsOf({ constant, empty, generic, shuffled }, { variance, quality }) {
  const lines = [
    `Controls: ${[
      constant && `mean direction ${figure(constant)}`,
      `empty ${figure(empty)}`,
      `generic ${figure(generic)}`,
      shuffled && `other tokens’ words ${figure(shuffled)} (${shuffled.n})`,
    ]
      .filter(Boolean)
      .join('; ')}.`,
  ];
  if (variance !== null)
    lines.push(
      `FVE = 1 − 2 (1 − cosine) / V, V = ${variance.toFixed(3)}: 1 is perfect; 0, as far off as the mean of all such unit vectors, itself no unit vector.`,
    );
  if (quality && !quality.beatsControl) lines.push('On held-out text this verbalizer is not better than its control.');
  return lines.flatMap((line) => wrap(line, WIDTH)).join('\n');
}

const mini = fileURLToPath(new URL('../public/models/lenslet-mini', import.meta.url));
try {
  const { values, positionals } = parseArgs({
    options: {
      token: { type: 'string' },
      source: { type: 'string' },
      samples: { type: 'string', default: '1' },
      model: { type: 'string', default: mini },
    },
    allowPositionals: true,
  });
  if (positionals.length !== 1) throw new LensError(`Usage: ${USAGE}`);
  await run(positionals[0], values);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
