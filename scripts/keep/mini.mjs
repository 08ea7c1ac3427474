import { file, ran, saved, says, settled } from './page.mjs';

/** Labels as Neuronpedia's `explanations/batch-*.jsonl` has them; rows of another layer, of an id that there is not,
 *  and one that is no row. */
const LABELS = [
  {
    modelId: 'lenslet-mini',
    layer: '2-res',
    index: '11',
    description: 'old people',
    typeName: 'oai_token-act-pair',
    explanationModelName: 'a-model',
  },
  { modelId: 'lenslet-mini', layer: '2-res', index: '17', description: 'hearths and fires 火' },
  { modelId: 'lenslet-mini', layer: '3-res', index: '11', description: 'of another layer' },
  { modelId: 'lenslet-mini', layer: '2-res', index: '99999', description: 'of an id that it lacks' },
];

/** An answer of Neuronpedia about a text, as the log reads it. */
const ANSWER = {
  modelId: 'gemma-3-27b-it',
  nlaSourceId: 'kitft-l41',
  layer_index: 41,
  norm: 0.05,
  prompt_length: 9,
  results: [
    {
      position: 11,
      token: ' carrot',
      token_id: 9001,
      description: 'A letter about gardens.\n\nIt names a carrot.',
      l2_norm: 25.5,
      mse: 0.01,
      cosine_similarity: 0.995,
      generated: false,
      role: 'user',
    },
    {
      position: 12,
      token: ' cake',
      token_id: 9002,
      description: 'Baking.',
      l2_norm: 24.25,
      mse: 0.02,
      cosine_similarity: 0.98,
      generated: true,
      role: 'assistant',
    },
  ],
};

/** Every field that a recipe may have, and edits that the page's panel has no rows for. */
const ALL = (/** @type {{ format: string, model: object, dictionaries: object, edits: object[] }} */ recipe) => ({
  format: recipe.format,
  name: 'All that a recipe can say',
  model: recipe.model,
  dictionaries: recipe.dictionaries,
  edits: [
    ...recipe.edits,
    {
      layer: 2,
      mode: 'add',
      strength: 0.5,
      direction: { vector: Array.from({ length: 192 }, (_, i) => (i % 7) / 8), relativeToNorm: true },
    },
    { layer: 2, feature: 11, mode: 'add', strength: 8, direction: { random: 16 } },
  ],
  sampling: { temperature: 0.5, topP: 0.875, seed: 20, maxTokens: 3 },
  prompt: 'She walked along the river',
  chat: true,
});

const RELOADED = 'p=She+walked+along+the+river&s=3&t=2-4&f=40&c=fvu&e=3:40a0.5,3:328k0.25g&g=0,1,7,3&d=2';

/** @param {Page} page
 *  @param {boolean} pin
 *  @param {string | null} name
 *  @param {string} note */
async function keepFeature(page, pin, name, note) {
  if (pin) await page.getByTestId('pin').click();
  if (name) {
    await page.getByTestId('rename').click();
    await page.getByTestId('name-box').fill(name);
    await page.getByTestId('name-box').press('Enter');
  }
  await page.getByTestId('note').fill(note);
  await says(page.getByTestId('kept'), 'Saved on this machine');
}

async function verbalize(/** @type {Page} */ page) {
  await page.getByTestId('verbalize').click();
  await page.getByTestId('provenance').waitFor();
  await page.getByTestId('verbal-progress').waitFor({ state: 'detached' });
  await settled(page);
}

/** Reading, steering, notes and words with the model beside the page; what is exported is written down.
 *  @import { Page } from 'playwright'
 *  @param {Page} page
 *  @param {import('./page.mjs').Write} write
 *  @param {string} everyMode A fragment. */
export async function readAndSteer(page, write, everyMode) {
  // Choices: the first look passed by, the theme, letters that are no keys.
  await page.goto('./?provider=wasm');
  await page.getByTestId('first-look').getByRole('button', { name: 'Skip' }).click();
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await settled(page);
  await page.getByTestId('open-keys').click();
  await page.getByRole('checkbox', { name: 'Single letters and signs are keys' }).uncheck();
  await page.keyboard.press('Escape');

  // Two runs and a recipe.
  await page.goto('about:blank');
  await page.goto('./?provider=wasm#p=The+old+man+looked+at+the&s=2&f=11&e=2:11a1.5&g=0.7,0.95,16,6');
  await settled(page);
  await ran(page);
  await keepFeature(page, true, 'Own name', 'First line.\nAnother, 汉.');
  await page.evaluate((fragment) => {
    location.hash = fragment;
  }, everyMode);
  await says(page.getByTestId('steer-row-3'), '3:1600');
  await settled(page);
  await ran(page);
  const recipe = await saved(page, 'recipe-export');
  write('steering.recipe.json', recipe);
  write('all-fields.recipe.json', ALL(JSON.parse(recipe)));
  await page.evaluate(() => {
    location.hash = 'p=She+walked+along+the+river+and+sang.&s=3&f=40&g=0.7,0.95,16,3';
  });
  await page.getByTestId('chip-4').waitFor();
  await settled(page);
  await keepFeature(page, false, null, 'Only a note.');
  await page.getByTestId('open-notebook').click();
  write('notebook.json', await saved(page, 'notebook-export'));
  await page.keyboard.press('Escape');

  // Words: the trained pair with four samples, SelfIE, a selection, a decoder row; and results from elsewhere.
  const settings = page.getByTestId('words');
  await page.getByTestId('chip-4').click();
  await settings.locator('.ask-samples').getByText('4', { exact: true }).click();
  await verbalize(page);
  await settings.locator('.ask-samples').getByText('1', { exact: true }).click();
  await page.getByTestId('chip-2').click();
  await page.getByTestId('chip-3').click({ modifiers: ['Shift'] });
  await verbalize(page);
  await page.getByTestId('verbalize-row').click();
  await page.locator('[data-testid="card-words"][data-state="done"]').waitFor();
  await settled(page);
  await settings.getByRole('button', { name: 'Settings' }).click();
  await settings.getByLabel('Source').selectOption('selfie');
  await page.getByTestId('chip-5').click();
  await verbalize(page);
  write('neuronpedia-answer.json', ANSWER);
  await page.getByTestId('open-log').click();
  await page.getByTestId('log-import').setInputFiles(file('neuronpedia-answer.json', JSON.stringify(ANSWER)));
  await says(page.getByTestId('log-says'), '2 new');
  await page.getByTestId('log-row').first().click();
  await page.getByTestId('log-pin').click();
  write('log.jsonl', await saved(page, 'log-export'));
  await page.keyboard.press('Escape');

  // The view as a tab keeps it while it is reloaded.
  await page.evaluate((fragment) => {
    location.hash = fragment;
  }, RELOADED);
  await says(page.getByTestId('steer-row-1'), '3:328');
  await settled(page);
  await ran(page);
  await page.route('**/empty.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Empty</title>' }),
  );
  await page.goto('./empty.html');
  write('reloaded.json', await page.evaluate(() => ({ ...sessionStorage })));

  // Labels are read in where a dictionary comes without.
  const labels = [...LABELS.map((row) => JSON.stringify(row)), 'no row', ''].join('\n');
  write('labels.jsonl', labels);
  await page.route('**/features.safetensors', (route) => route.fulfill({ status: 404 }));
  await page.goto('./?provider=wasm#p=The+old+man+looked+at+the&s=2&f=17&g=0.7,0.95,16,3');
  await settled(page);
  await page.getByTestId('import-labels-file').setInputFiles(file('labels.jsonl', labels));
  await says(page.getByTestId('import-labels'), '2 labels from labels.jsonl');
  await says(page.getByTestId('import-labels'), 'Kept in this browser');
  await page.unroute('**/features.safetensors');
}
