#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LensError, openDirectory } from 'lenslet/node';
import { oneLine, pad } from './table.mjs';

/** Reads a text: per token, how much of the residual stream the dictionary leaves unexplained, and the strongest
 *  features that have a label. */

const USAGE = 'node examples/read.mjs TEXT [--layer N] [--model FOLDER]';
const LISTED = 3;
const UNUSED = 0xffffffff;

async function run(text, layer, folder) {
  const lens = await openDirectory(folder);
  try {
    const site = lens.info.sites.find((open) =>
      layer === undefined ? open === lens.info.sites.at(-1) : String(open.layer) === layer,
    );
    if (!site)
      throw new LensError(
        `There is no dictionary at layer ${layer}. Layers: ${lens.info.sites.map((open) => open.layer).join(', ')}.`,
      );
    const told = await lens.labels(site.layer);
    if (!told) throw new LensError('This model folder has no labels: no features.safetensors beside its dictionary.');
    const trace = await lens.trace(text);
    const { ids, values, fvu, k } = trace.site(site.layer);

    console.log(
      `Layer ${site.layer}. Features by activation ÷ the feature’s maximum; those without a label are left out.\n`,
    );
    console.log(`${pad('Token', 14)}${'FVU'.padStart(5)}  Features`);
    for (const { position, text: word } of trace.tokens) {
      const active = Array.from({ length: k }, (_, slot) => ({
        id: ids[position * k + slot],
        value: values[position * k + slot],
      }));
      const named = active
        .filter(({ id, value }) => id !== UNUSED && value > 0 && told.labels[id] !== null && site.maximum?.[id] > 0)
        .map(({ id, value }) => ({ id, share: value / site.maximum[id] }))
        .sort((a, b) => b.share - a.share);
      const shown = named
        .slice(0, LISTED)
        .map(({ id, share }) => `${share.toFixed(2)} × ${id} ${oneLine(told.labels[id])}`);
      console.log(
        `${pad(/^ +$/.test(word) ? word.replaceAll(' ', '␣') : oneLine(word), 14)}${fvu[position].toFixed(2).padStart(5)}  ${shown.join('   ') || '–'}`,
      );
    }
    trace.dispose();
  } finally {
    await lens.close();
  }
}

const mini = fileURLToPath(new URL('../public/models/lenslet-mini', import.meta.url));
try {
  const { values, positionals } = parseArgs({
    options: { layer: { type: 'string' }, model: { type: 'string', default: mini } },
    allowPositionals: true,
  });
  if (positionals.length !== 1) throw new LensError(`Usage: ${USAGE}`);
  await run(positionals[0], values.layer, values.model);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
