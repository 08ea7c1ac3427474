import { expect, type Page, test } from '@playwright/test';
import {
  type Edit,
  expectEdits,
  expectSampling,
  LONG,
  lastRun,
  noteRuns,
  paste,
  readJson,
  readText,
  type Sampling,
  settled,
  visit,
} from './kept';

interface Recipe {
  edits: Edit[];
  sampling: Sampling;
  prompt: string;
}

interface Notebook {
  entries: { layer: number; feature: number; name: string | null; note: string }[];
  runs: { at: string; plan: { prompt: string; edits: (Edit & { weight: number })[]; sampling: Sampling } }[];
}

const give = (page: Page, testId: string, name: string) =>
  page.getByTestId(testId).setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(readText(name)) });

test('files that were exported before are read in as what they were: a notebook, a log, results and labels of Neuronpedia, recipes', async ({
  page,
}) => {
  test.setTimeout(540_000);
  // Labels are read in for dictionaries that come without.
  await page.route('**/features.safetensors', (route) => route.fulfill({ status: 404 }));
  await visit(page, './?provider=wasm#p=Before&s=2&f=17&g=0.7,0.95,16,3');
  await noteRuns(page);

  await test.step('a notebook: pin, name, notes, runs; one is brought back', async () => {
    const { entries, runs } = readJson<Notebook>('notebook.json');
    expect(entries.length).toBe(2);
    await page.getByTestId('open-notebook').click();
    await give(page, 'notebook-import', 'notebook.json');
    await expect(page.getByTestId('notebook-says')).toHaveText(`2 features and ${runs.length} runs read.`, LONG);
    await expect(page.getByTestId('notebook-counts')).toContainText(`2 features, ${runs.length} runs.`);
    const named = page.getByTestId('entry-2-11');
    await expect(named).toContainText('Own name');
    await expect(named).toContainText('Another, 汉.');
    await expect(page.getByTestId('entry-3-40')).toContainText('Only a note.');
    const steered = runs.findIndex(({ plan }) => plan.edits.length === 4);
    const line = page.getByTestId('notebook-run').nth(steered);
    await expect(line).toContainText(runs[steered]!.plan.prompt);
    await line.getByRole('button', { name: /^Bring back/ }).click();
    const { prompt, edits, sampling } = runs[steered]!.plan;
    const run = await lastRun(page, prompt);
    const written = edits.map(({ layer, feature, mode, strength, on, where }) => ({
      layer,
      feature,
      mode,
      strength,
      on,
      where,
    }));
    expectEdits(run.variants[1]!, written, 'the run’s edits');
    expect(run.sampling).toEqual(sampling);
    await expect(page.getByTestId('link-notices')).toHaveCount(0);
  });

  await test.step('a log: every kind of verbalization; Neuronpedia’s results are known again', async () => {
    const lines = readText('log.jsonl').trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line).lenslet);
    expect(new Set(entries.map(({ source, target }) => `${source} ${target.kind}`))).toEqual(
      new Set(['nla token', 'nla decoder', 'selfie token']),
    );
    await page.getByTestId('open-log').click();
    await give(page, 'log-import', 'log.jsonl');
    await expect(page.getByTestId('log-says')).toHaveText(`${lines.length} rows read: ${lines.length} new.`, LONG);
    const rows = page.getByTestId('log-row');
    await expect(rows).toHaveCount(lines.length);
    for (const [i, { id, samples, pinned }] of entries.entries()) {
      const row = rows.nth(i);
      await expect(row).toHaveAttribute('data-id', id);
      // Of several samples the best stands for all.
      if (samples.length === 1) await expect(row).toContainText(samples[0].text.split('\n')[0].slice(0, 20));
      if (pinned) await expect(row).toContainText('pinned');
    }
    await give(page, 'log-import', 'neuronpedia-answer.json');
    await expect(page.getByTestId('log-says')).toContainText(/2 here already/, LONG);
    // Reopened, its text, its token and its words are there.
    const nth = entries.findIndex(({ samples }) => samples.length === 4);
    await rows.nth(nth).click();
    await expect(page.getByTestId('log-detail')).toContainText('3 further samples');
    await page.getByTestId('log-reopen').click();
    const { target, samples } = entries[nth];
    await expect(page.getByTestId('prompt')).toHaveValue(target.text, LONG);
    await settled(page);
    await expect(page.getByTestId(`chip-${target.position}`)).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByTestId('samples').getByRole('radio')).toHaveCount(samples.length);
    await expect(page.getByTestId('link-notices')).toHaveCount(0);
  });

  await test.step('labels: those of this dictionary', async () => {
    await paste(page, 'p=The+old+man&s=2&f=17&g=0.7,0.95,16,3');
    await expect(page.getByTestId('prompt')).toHaveValue('The old man', LONG);
    await settled(page);
    await give(page, 'import-labels-file', 'labels.jsonl');
    const box = page.getByTestId('import-labels');
    await expect(box).toContainText(
      '2 labels from labels.jsonl; left out: 1 of other layers, 1 of ids that it lacks, 1 not readable.',
      LONG,
    );
    await expect(page.getByTestId('feature-label')).toContainText('hearths and fires 火');
  });

  await test.step('a recipe that the page exported is the same run', async () => {
    const { edits, sampling, prompt } = readJson<Recipe>('steering.recipe.json');
    await give(page, 'recipe-file', 'steering.recipe.json');
    await expect(page.getByTestId('prompt')).toHaveValue(prompt, LONG);
    await expect(page.locator('[data-testid^="steer-row-"]')).toHaveCount(edits.length);
    await settled(page);
    await expectSampling(page, sampling);
    await expect(page.getByTestId('link-notices')).toHaveCount(0);
    expectEdits((await lastRun(page, prompt)).variants[1]!, edits, 'the recipe’s edits');
  });

  await test.step('a recipe with every field: what the panel has no row for is said', async () => {
    const { edits, sampling, prompt } = readJson<Recipe>('all-fields.recipe.json');
    const shown = edits.filter(({ direction }) => direction === undefined);
    expect([shown.length, edits.length]).toEqual([4, 6]);
    await give(page, 'recipe-file', 'all-fields.recipe.json');
    // Its text is a user's turn.
    await expect(page.getByTestId('turn').getByRole('textbox')).toHaveValue(prompt, LONG);
    await settled(page);
    await expect(page.locator('[data-testid^="steer-row-"]')).toHaveCount(shown.length);
    await expectSampling(page, sampling);
    const notices = page.getByTestId('link-notices');
    for (const words of ['Edit 5', 'Edit 6']) await expect(notices).toContainText(words);
    expectEdits((await lastRun(page, `user: ${prompt}`)).variants[1]!, shown, 'the recipe’s edits');
  });
});
