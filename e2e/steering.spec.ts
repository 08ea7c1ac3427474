import { readFileSync } from 'node:fs';
import { figuresHold } from './figures';
import { countRuns, expect, OLD_MAN, open, ran, settled, short, steerFirst, test, watchShifts } from './page';

/** Any live feature of the site that is shown first. */
const ROW = '&e=2:11a1.5';
interface Stored {
  effects: {
    name: string;
    title: string;
    prompt: string;
    beside: { prompt: string };
    claim: string;
    edits: { layer: number; feature: number }[];
  }[];
}
const { effects } = JSON.parse(readFileSync('public/models/lenslet-mini/effects.json', 'utf8')) as Stored;

test('a feature becomes a row inside its natural range, and baseline, steered and control are written side by side', async ({
  page,
}) => {
  await open(page);
  await page.getByTestId('chip-4').click();
  const name = await steerFirst(page);
  await expect(page.getByTestId('steer-row-0')).toContainText(`2:${name}`);
  const weight = Number(await page.getByTestId('slider').inputValue());
  expect(weight).toBeGreaterThan(0);
  expect(weight).toBeLessThanOrEqual(1);
  await expect(page.getByTestId('changes')).toContainText(
    /Prompt: \d+ of \d+ tokens, change [\d.]+ = [\d.]+ % of the residual norm/,
  );
  // A tenth of the centred norm, to within half a step of the slider.
  const [tenth, maximum] = await page.evaluate(async (feature) => {
    const lens = window.lenslet!;
    const trace = await lens.trace(document.querySelector<HTMLTextAreaElement>('[data-testid="prompt"]')!.value);
    const sorted = [...trace.site(2).centred.subarray(1)].sort((a, b) => a - b);
    const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
    return [0.1 * median, lens.info.sites.find(({ layer }) => layer === 2)!.maximum![feature]!];
  }, Number(name));
  expect(Math.abs(weight - Math.min(1, tenth! / maximum!))).toBeLessThanOrEqual(0.026);
  await ran(page);
  for (const kind of ['baseline', 'steered', 'control'])
    expect(Number(await page.getByTestId(`run-${kind}`).getAttribute('data-tokens'))).toBeGreaterThan(0);
  await expect(page.getByTestId('band')).toHaveAttribute('data-draws', '8');
  await expect(page.getByTestId('kl')).not.toHaveAttribute('data-points', '0');
});

test('a measured effect in one click: its text, its edits, what was counted; it shows, and not on the text beside', async ({
  page,
}) => {
  await open(page);
  const { title, prompt, edits, beside, claim } = effects.find(({ name }) => name === 'arithmetic')!;
  await page.getByRole('button', { name: title, exact: true }).click();
  await ran(page);
  await expect(page.getByTestId('prompt')).toHaveValue(prompt);
  for (const [i, { layer, feature }] of edits.entries())
    await expect(page.getByTestId(`steer-row-${i}`)).toContainText(`${layer}:${feature}`);
  const effect = page.getByTestId('effect');
  await expect(effect.locator('> summary')).toContainText(
    /\d+ of 100 held-out products come out wrong \(\d+ without them\)/,
  );
  await effect.locator('> summary').click();
  await expect(effect).toContainText(claim.slice(0, 40));
  const texts = () => Promise.all(['baseline', 'steered'].map((kind) => page.getByTestId(`run-${kind}`).textContent()));
  const [a, b] = prompt.match(/\d+/g)!.map(Number) as [number, number];
  const [right, wrong] = await texts();
  expect(right).toContain(`${a * b}`);
  expect(wrong).not.toContain(`${a * b}`);
  await expect(page.getByTestId('divergence')).toContainText(
    /First divergence at token \d+: baseline .* p .*, steered .* p /,
  );
  await expect(page.getByTestId('band')).toContainText(
    /^Mean KL\(steered \|\| baseline\) [\d.]+ nats; 8 random draws .* Perplexity of the steered text [\d.,e]+, /,
  );
  await page.getByTestId('effect-texts').getByRole('button', { name: beside.prompt }).click();
  await ran(page);
  await expect(page.getByTestId('prompt')).toHaveValue(beside.prompt);
  for (const text of await texts()) expect(text).toContain(`${a + b}`);
  await expect(effect).toBeVisible();
});

test('while the slider moves only the next-token view follows; on release there is one run', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await countRuns(page);
  const before = await page.getByTestId('dumbbells').innerHTML();
  const box = (await page.getByTestId('slider').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.95, box.y + box.height / 2, { steps: 8 });
  await expect.poll(() => page.getByTestId('dumbbells').innerHTML()).not.toBe(before);
  expect(await page.evaluate(() => window.runs)).toBe(0);
  await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'true');
  await page.mouse.up();
  await ran(page);
  expect(await page.evaluate(() => window.runs)).toBe(1);
  await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'false');
});

test('a storm of 200 slider events leaves exactly one run, of the last value', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await countRuns(page);
  await page.getByTestId('slider').evaluate((slider: HTMLInputElement) => {
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
    for (let i = 0; i < 200; i++) {
      set.call(slider, String(-3 + (i % 100) * 0.05));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
    set.call(slider, '2.5');
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    slider.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await ran(page);
  expect(await page.evaluate(() => window.runs)).toBe(1);
  await expect(page.getByTestId('steer-row-0')).toContainText('+2.50 × max');
  // What is shown is what this machine gives for the last value.
  const expected = await page.evaluate(async (prompt) => {
    const edit = window.lenslet!.steer({ layer: 2, feature: 11, weight: 2.5 });
    let text = '';
    for await (const { rows } of window.lenslet!.generate(prompt, { variants: [[], [edit]], maxTokens: 12 }))
      text += rows[1]?.text ?? '';
    return text;
  }, OLD_MAN);
  expect(await page.getByTestId('run-steered').textContent()).toBe(expected);
});

test('strength 0 by double-click gives the baseline’s own text; the number box sets it again', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  const baseline = await page.getByTestId('run-baseline').textContent();
  await page.getByTestId('slider').dblclick();
  await expect(page.getByTestId('slider')).toHaveValue('0');
  await expect(page.getByTestId('steer-row-0')).toContainText('no effect at 0');
  await ran(page);
  await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'false');
  await expect(page.getByTestId('run-baseline')).toHaveText(baseline!);
  await expect(page.getByTestId('run-steered')).toHaveCount(0);
  await expect(page.getByText('Baseline only: no edit is on.')).toBeVisible();
  const number = page.getByTestId('number').getByRole('spinbutton').or(page.getByTestId('number').getByRole('textbox'));
  await number.fill('1.25');
  await number.press('Enter');
  await expect(page.getByTestId('slider')).toHaveValue('1.25');
  await ran(page);
  await expect(page.getByTestId('steer-row-0')).toContainText('+1.25 × max');
});

test('another draw changes the control and leaves baseline and steered as they are', async ({ page }) => {
  await open(page, short(OLD_MAN, '&e=2:11a3'));
  await ran(page);
  const texts = async () =>
    Promise.all(['baseline', 'steered', 'control'].map((kind) => page.getByTestId(`run-${kind}`).textContent()));
  const before = await texts();
  await page.getByRole('button', { name: 'Another random control' }).click();
  await expect(page.getByText('no. 2')).toBeVisible();
  await ran(page);
  const after = await texts();
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after[2]).not.toBe(before[2]);
});

test('an edit can be limited, switched off and removed', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await page.getByLabel('Where 2:11 applies').selectOption('generated');
  await expect(page.getByTestId('changes')).toContainText(/Prompt: 0 of \d+ tokens/);
  await ran(page);
  await page.getByLabel('Mode of 2:11').selectOption('ablate');
  await expect(page.getByTestId('slider')).toHaveAttribute('max', '1');
  await expect(page.getByTestId('steer-row-0')).toContainText('removed fully');
  await ran(page);
  // Clamping to 0 is the same ablation, and is on.
  const ablated = await page.getByTestId('run-steered').textContent();
  await page.getByLabel('Mode of 2:11').selectOption('clamp');
  await page.getByTestId('number').getByRole('spinbutton').fill('0');
  await page.getByTestId('number').getByRole('spinbutton').press('Enter');
  await expect(page.getByTestId('steer-row-0')).toContainText('removed fully: set to 0');
  await ran(page);
  await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'false');
  expect(await page.getByTestId('run-steered').textContent()).toBe(ablated);
  await page.getByLabel('Mode of 2:11').selectOption('add');
  await expect(page.getByTestId('steer-row-0')).toContainText('+1.50 × max');
  await settled(page);
  await page.getByLabel('2:11 on', { exact: true }).uncheck();
  await settled(page);
  await page.getByRole('button', { name: 'Remove 2:11' }).click();
  await expect(page.getByTestId('steer-row-0')).toHaveCount(0);
});

test('a stop after the slider was let go is not undone', async ({ page }) => {
  await open(page, `#p=${encodeURIComponent(OLD_MAN)}&g=0.7,0.95,16,200&e=2:11a0`);
  await countRuns(page);
  const box = (await page.getByTestId('slider').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await page.getByTestId('stop').click();
  await settled(page);
  // Longer than a key must rest.
  await page.waitForTimeout(600);
  expect(await page.evaluate(() => window.runs)).toBe(1);
  await expect(page.getByTestId('run')).toHaveAttribute('data-status', 'stopped');
});

test('a key held down in a number box leaves one run', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await countRuns(page);
  await page.getByTestId('number').getByRole('spinbutton').focus();
  for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowUp');
  await expect(page.getByTestId('slider')).toHaveValue('1.8');
  await ran(page);
  expect(await page.evaluate(() => window.runs)).toBe(1);
  await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'false');
});

test('another text leaves the run dim, and says so in full ink', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await page.getByTestId('prompt').fill('Once upon');
  await settled(page);
  await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'true');
  await expect(page.getByTestId('run-stale')).toHaveText('Out of date: text or edits have changed. Generate again.');
  await page.getByTestId('generate').click();
  await ran(page);
  await expect(page.getByTestId('run-stale')).toHaveCount(0);
});

test('arrows go through a generated text and its figures are read out', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await page.getByTestId('run-steered').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('step')).toContainText(
    /^Token 2: baseline “.+” p [<\d.]+, logprob −?[\d.]+; steered “.+” p .+, KL [<\d.]+; control/,
  );
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('step')).toHaveCount(0);
});

test('a run can be stopped and keeps what it wrote', async ({ page }) => {
  await page.goto(`./?provider=wasm#p=${encodeURIComponent(OLD_MAN)}&g=0.7,0.95,16,200${ROW}`);
  await expect
    .poll(async () => Number(await page.getByTestId('run-baseline').getAttribute('data-tokens')))
    .toBeGreaterThan(2);
  await page.getByTestId('stop').click();
  await settled(page);
  const kept = Number(await page.getByTestId('run-baseline').getAttribute('data-tokens'));
  expect(kept).toBeGreaterThan(2);
  expect(kept).toBeLessThan(200);
});

test('nothing jumps while text streams', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await watchShifts(page);
  await page.getByTestId('generate').click();
  await ran(page);
  expect(await page.evaluate(() => window.shifts)).toEqual([]);
});

test('every figure has its quantity’s form and room, however large, at every width', async ({ page }) => {
  // One token long, of huge perplexity.
  await open(
    page,
    `#p=${encodeURIComponent('The old man looked at the sea. He was tired.')}&s=3&t=3&e=3:39a3&g=0.7,0.95,16,64`,
  );
  await ran(page);
  await expect(page.getByTestId('kl').locator('svg')).toHaveCount(0);
  await expect(page.getByTestId('kl')).toContainText(/^steered\d+\.\d{3}control\d+\.\d{3}further draws/);
  await expect(page.locator('.row-control')).toContainText(/\d\.\de\d/);
  for (const [width, height] of [
    [1440, 900],
    [1024, 768],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const tab of ['Features', 'Steer', 'Words']) {
      const button = page.getByRole('navigation', { name: 'Regions' }).getByRole('button', { name: tab });
      if (await button.isVisible()) await button.click();
      expect(await figuresHold(page)).toBeGreaterThan(0);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByTestId('effects').getByRole('button').first().click();
  await ran(page);
  await page.getByTestId('effect').locator('summary').first().click();
  await expect(
    page.getByTestId('effect').getByRole('img', { name: /^Share of held-out products that come out wrong, with / }),
  ).toBeVisible();
  await expect(page.getByTestId('effect').locator('svg circle')).toHaveCount(4);
  await page.getByTestId('run-steered').getByRole('option').nth(2).click();
  await page.getByTestId('chip-3').click();
  await settled(page);
  expect(await figuresHold(page)).toBeGreaterThan(20);
});
