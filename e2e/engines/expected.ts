import { readFileSync } from 'node:fs';
import type { Edit } from '../../src/lens/api/edit';
import type { Lens } from '../../src/lens/api/lens';
import { openDirectory } from '../../src/lens/node';
import { rankingOf, siteOf } from '../../src/state/reading/select';
import { readingOf } from '../../src/state/reading/trace';
import { variantsOf } from '../../src/state/steering/run';

/** The model that lies beside the page. */
const MODEL = 'public/models/lenslet-mini';
/** A case of what PyTorch writes: one feature added everywhere, greedy. */
const CASE = 'add everywhere';
/** The weight of its edit, times the feature's maximum. */
const WEIGHT = 1.5;

interface Golden {
  prompts: { name: string; text: string; ids: number[] }[];
  cases: {
    name: string;
    prompt: string;
    edits: { layer: number; feature: number; strength: number }[];
    generation: { steps: { token: number }[] };
  }[];
}

/** Texts of baseline, steered and control. */
export type Texts = readonly [baseline: string, steered: string, control: string];

/** What the main job must show, as the same model gives it in Node; the steered text is PyTorch's. */
export interface Expected {
  prompt: string;
  /** Token ids of the prompt. */
  ids: number[];
  edit: { layer: number; feature: number; weight: number };
  /** A token on which the feature is listed, its features in their order, and its figures. */
  position: number;
  listed: number[];
  surprisal: number;
  fvu: number;
  norm: number;
  maxTokens: number;
  texts: Texts;
  /** Another prompt under the same edit. */
  other: { prompt: string; texts: Texts };
  /** The greedy words of the token, and their FVE. */
  words: string;
  fve: number;
}

/** Runs the job in Node. Throws where that differs from PyTorch. */
export async function computeExpected(otherPrompt: string): Promise<Expected> {
  const golden: Golden = JSON.parse(readFileSync(`${MODEL}/golden-steer.json`, 'utf8'));
  const { prompt: name, edits, generation } = golden.cases.find((one) => one.name === CASE)!;
  const { text: prompt, ids } = golden.prompts.find((one) => one.name === name)!;
  const [{ layer, feature, strength }] = edits as [Golden['cases'][number]['edits'][number]];
  const maxTokens = generation.steps.length;
  const lens = await openDirectory(MODEL);
  try {
    const edit = lens.steer({ layer, feature, weight: WEIGHT });
    if (Math.abs(edit.strength - strength) > 1e-3)
      throw new Error(`The golden case’s strength ${strength} is not ${WEIGHT} times the feature’s maximum.`);
    const run = await written(lens, prompt, [edit], maxTokens);
    const wanted = generation.steps.map(({ token }) => token);
    if (run.ids[1]!.join() !== wanted.join()) throw new Error(`Node writes ${run.ids[1]}, PyTorch ${wanted}.`);
    const other = await written(lens, otherPrompt, [edit], maxTokens);
    return {
      prompt,
      ids,
      edit: { layer, feature, weight: WEIGHT },
      ...(await tokenWith(lens, prompt, layer, feature)),
      maxTokens,
      texts: run.texts,
      other: { prompt: otherPrompt, texts: other.texts },
    };
  } finally {
    await lens.close();
  }
}

/** Greedy texts of baseline, steered and control, with their token ids. */
async function written(
  lens: Lens,
  prompt: string,
  edits: Edit[],
  maxTokens: number,
): Promise<{ texts: Texts; ids: number[][] }> {
  const sampling = { temperature: 0, topP: 0.95, seed: 16, maxTokens };
  const texts: [string, string, string] = ['', '', ''];
  const ids: number[][] = [[], [], []];
  const variants = variantsOf({ prompt, edits, control: true, draw: 1, sampling });
  for await (const { rows } of lens.generate(prompt, { variants, ...sampling })) {
    for (const [i, row] of rows.entries()) {
      if (!row) continue;
      texts[i as 0 | 1 | 2] += row.text;
      ids[i]!.push(row.token);
    }
  }
  return { texts, ids };
}

/** The last token that lists the feature, with its figures and its words. */
async function tokenWith(lens: Lens, prompt: string, layer: number, feature: number) {
  const trace = await lens.trace(prompt);
  const codes = trace.site(layer);
  const surprisal = await trace.surprisal();
  const reading = readingOf(prompt, trace.tokens, { [layer]: codes }, surprisal, lens.info.sites);
  const site = siteOf(lens.info, layer)!;
  const listedAt = (locked: number) =>
    rankingOf(
      reading,
      site,
      {},
      { locked, anchor: null, scope: null, rank: 'relative', over: 'max', first: false, template: false, dense: false },
    ).rows.map(({ id }) => id);
  const position = reading.chips.findLast(({ from }) => listedAt(from).includes(feature))?.from;
  if (position === undefined) throw new Error(`No token of the golden text lists feature ${layer}:${feature}.`);
  let words = '';
  for await (const step of lens.verbalize(trace, { position, temperature: 0 })) words = step.text;
  const { fve } = await lens.score(words, trace, position);
  return {
    position,
    listed: listedAt(position),
    surprisal: surprisal[position]!,
    fvu: codes.fvu[position]!,
    norm: codes.norm[position]!,
    words,
    fve: fve!,
  };
}
