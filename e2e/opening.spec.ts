import { readFileSync } from 'node:fs';
import { expect, holdBack, ran, settled, test, watchShifts } from './page';

test.use({ engine: 'own' });

const recording = JSON.parse(readFileSync('src/app/recording.json', 'utf8'));

test('the page opens with a recording, marked so, and the live model replaces it in place', async ({ page }) => {
  // The weights are held back: what is on show until then is the recording alone.
  const go = await holdBack(page, '**/model.safetensors');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto('./?provider=wasm');
  await expect(page.getByTestId('recorded')).toHaveText('recorded');
  await expect(page.getByTestId('prompt')).toHaveValue(recording.text);
  await expect(page.locator('[data-testid^="chip-"][aria-selected="true"]')).toHaveCount(1);
  await expect(page.getByTestId('steer-row-0')).toContainText(`${recording.view.site}:${recording.view.feature}`);
  await expect(page.locator('[data-testid^="feature-row-"]').first()).toBeVisible();
  await expect(page.getByTestId('feature-label')).toContainText(/precision/);
  const [said] = recording.verbal.record.samples;
  await expect(page.getByTestId('words-recorded')).toBeVisible();
  await expect(page.getByTestId('explanation')).toContainText(said.text.split('\n')[0]);
  await expect(page.getByTestId('score-own')).toContainText(said.score.fve.toFixed(2));
  await expect(page.getByTestId('score-shuffled')).toContainText('n 64');
  const claims = page.getByTestId('claims').getByRole('row');
  await expect(claims).toHaveCount(1 + recording.verbal.answers.claims.without.length);
  await expect(claims.nth(1)).toContainText(/[+−]?0\.\d\d/);
  const texts = () =>
    Promise.all(['baseline', 'steered', 'control'].map((kind) => page.getByTestId(`run-${kind}`).textContent()));
  const before = await texts();
  expect(before.every((text) => text !== '')).toBe(true);
  await expect(page.getByTestId('opening')).toContainText(/of [\d.]+ MB|Tokenizer|Weights|Starting/);
  await watchShifts(page, false);

  go();
  await expect(page.getByTestId('recorded')).toHaveText(
    /^computed here; (same as|within [\d.]+e−\d+ of) the recording$/,
  );
  const apart = /within (\S+)/.exec((await page.getByTestId('recorded').textContent())!)?.[1] ?? '0';
  expect(Number(apart.replace('−', '-'))).toBeLessThan(1e-2);
  await ran(page);
  // The same seed on this machine writes the same texts.
  expect(await texts()).toEqual(before);
  await expect(page.getByTestId('run')).toHaveAttribute('data-recorded', 'false');
  expect(await page.evaluate(() => window.shifts)).toEqual([]);
  // The words stay those of the recording: the pair is loaded by Verbalize alone.
  await expect(page.getByTestId('words-recorded')).toBeVisible();
  await expect(claims.nth(1)).toContainText(/[+−]?0\.\d\d/);
  expect(asked.filter((path) => path.includes('/nla/') && path.endsWith('.safetensors'))).toEqual([]);
  // Another text is no reproduction of anything.
  await page.getByTestId('prompt').fill('The old man');
  await settled(page);
  await expect(page.getByTestId('recorded')).toHaveCount(0);
  await expect(page.getByTestId('words-recorded')).toHaveCount(0);
  await expect(page.getByTestId('words-empty')).toBeVisible();
});

test('what was done to the recording before the model is open is kept', async ({ page }) => {
  const go = await holdBack(page, '**/model.safetensors');
  await page.goto('./?provider=wasm');
  await expect(page.getByTestId('recorded')).toHaveText('recorded');
  await page.getByTestId('prompt').fill('She said to the king');
  for (const _ of recording.rows) await page.getByTestId('steer-row-0').getByRole('button', { name: 'Remove' }).click();
  go();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue('She said to the king');
  await expect(page.getByTestId('chip-0')).toContainText('She');
  await expect(page.getByTestId('steer-row-0')).toHaveCount(0);
  // What was recorded is gone from the run too.
  await ran(page);
  await expect(page.getByTestId('run')).toHaveAttribute('data-recorded', 'false');
  await expect(page.getByText('Baseline only: no edit is on.')).toBeVisible();
});

test('words typed before the recording is there are not overlaid', async ({ page }) => {
  const go = await holdBack(page, '**/recording*.json');
  await page.goto('./?provider=wasm');
  await page.getByTestId('prompt').fill('My own words');
  go();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue('My own words');
  await expect(page.getByTestId('chip-0')).toContainText('My');
  await expect(page.getByTestId('recorded')).toHaveCount(0);
});

test('the first look has three steps, can be skipped, is not shown again, and is found again among the keys', async ({
  page,
}) => {
  await page.goto('./?provider=wasm');
  const look = page.getByTestId('first-look');
  await expect(look).toContainText('1 of 3');
  await look.getByRole('button', { name: 'Next' }).click();
  await expect(look).toContainText('2 of 3');
  await look.getByRole('button', { name: 'Next' }).click();
  await expect(look).toContainText('control');
  await look.getByRole('button', { name: 'Back' }).click();
  await look.getByRole('button', { name: 'Skip' }).click();
  await expect(look).toHaveCount(0);
  await settled(page);
  await page.goto('about:blank');
  await page.goto('./?provider=wasm');
  await settled(page);
  await expect(look).toHaveCount(0);
  await page.keyboard.press('?');
  await page.getByRole('button', { name: 'Take the first look again' }).click();
  await expect(look).toContainText('1 of 3');
});
