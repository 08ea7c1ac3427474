import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { figuresHold } from './figures';
import { expect, open, type Page, settled, short, test, watchShifts } from './page';
import { goOn, tellWords } from './verbalizer';

const TEXT = 'The old man looked at the fire and said nothing. He looked at the';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Words of the token at `position`, done. */
async function verbalize(page: Page, position: number): Promise<void> {
  await page.getByTestId(`chip-${position}`).click();
  await page.getByTestId('verbalize').click();
  await done(page);
}

async function done(page: Page): Promise<void> {
  await expect(page.getByTestId('verbal-progress')).toHaveCount(0);
  await expect(page.getByTestId('provenance')).toBeVisible();
  await settled(page);
}

const own = (page: Page) => page.getByTestId('score-own');

test('a token is put into words, score first, beside its control, in three levels, its quotes checked, and nothing moves', async ({
  page,
}) => {
  await tellWords(page, { pace: 15, holds: true });
  await open(page, short(TEXT));
  await expect(page.getByTestId('words-empty')).toContainText('The first use loads 3.0 MB');
  await page.getByTestId('chip-12').click();
  await settled(page);
  await page.getByTestId('verbalize').click();
  await watchShifts(page, false);
  await expect(page.getByTestId('verbal-progress')).toContainText('Loading 1.0 of 3.0 MB');
  await goOn(page);
  await expect(page.getByTestId('explanation')).toContainText('English prose');
  await expect(own(page)).toContainText('No score yet');
  await expect(page.getByTestId('explanation').getByRole('heading')).toHaveText(['Text']);
  await goOn(page);
  await done(page);
  expect(await page.evaluate(() => window.shifts)).toEqual([]);
  await expect(own(page)).toContainText('High');
  await expect(own(page)).toContainText('0.20');
  await expect(own(page)).toContainText('0.80');
  await expect(page.getByTestId('score-shuffled')).toContainText('n 64');
  await expect(page.getByTestId('score-shuffled')).toContainText('−0.02 to 0.24');
  await expect(page.getByTestId('verdict')).toBeEmpty();
  await expect(page.getByTestId('explanation').getByRole('heading')).toHaveText(['Text', 'Phrase', 'Token']);
  const kinds = page.getByTestId('explanation').locator('.quote');
  await expect(kinds.first()).toHaveAttribute('data-kind', 'verbatim');
  await expect(kinds.first()).toHaveAttribute('title', /tokens \d+ to 11/);
  await expect(kinds.last()).toHaveAttribute('data-kind', 'predicted');
  await page.getByRole('button', { name: 'All controls' }).click();
  await expect(page.getByTestId('score')).toContainText('One direction');
  await expect(page.getByTestId('words')).toContainText(/Variance 0\.70/);
  await expect(page.getByTestId('provenance')).toContainText('after layer 3 · T 0.70, seed 16 · 1 sample');
  await expect(page.getByRole('status').filter({ hasText: 'High, FVE 0.80.' })).toHaveCount(1);
  // The scores on one axis, and as a table.
  const chart = page.getByTestId('words').getByRole('figure');
  await expect(
    chart.getByRole('img', { name: /^FVE, with 5 to 95 %: These words 0\.80, Shuffled 0\.12, / }),
  ).toBeVisible();
  await expect(chart.locator('circle')).toHaveCount(5);
  await chart.locator('summary').click();
  await expect(chart.getByRole('row', { name: 'Shuffled' })).toContainText('−0.02 to 0.24');
  expect(await figuresHold(page)).toBeGreaterThan(20);
});

test('of four samples the best is shown, the others are one click away, and what recurs is marked', async ({
  page,
}) => {
  await tellWords(page, { fve: [0.42, 0.61, 0.3, 0.55] });
  await open(page, short(TEXT));
  await page.getByTestId('words').locator('.ask-samples').getByText('4', { exact: true }).click();
  await verbalize(page, 12);
  await expect(own(page)).toContainText('Medium');
  await expect(page.getByTestId('samples').getByRole('radio')).toHaveCount(4);
  await expect(page.getByTestId('samples').getByRole('radio').nth(1)).toBeChecked();
  await expect(page.locator('.claim').nth(2)).toContainText('4/4');
  await page.getByTestId('samples').getByRole('radio').first().check({ force: true });
  await expect(page.getByTestId('explanation')).toContainText('English prose told simply');
});

test('a selection is put into words with progress and cancel; chips carry the score, and the lock shows each at once', async ({
  page,
}) => {
  await tellWords(page, { fve: [0.2], pace: 2 });
  await open(page, short(TEXT));
  await page.getByTestId('chip-4').click();
  await page.getByTestId('chip-9').click({ modifiers: ['Shift'] });
  await page.keyboard.press('v');
  await done(page);
  for (let i = 4; i <= 9; i++) await expect(page.getByTestId(`chip-${i}`)).toHaveAttribute('data-words', 'low');
  await expect(page.getByTestId('chip-5')).toHaveAttribute('title', /^words Low, FVE 0\.\d\d$/);
  await expect(page.getByTestId('chip-10')).not.toHaveAttribute('data-words');
  await page.getByTestId('chip-6').click();
  await expect(page.getByTestId('explanation')).toContainText('The token is “ fire”');
  await expect(page.getByTestId('explanation')).toHaveAttribute('data-confidence', 'low');
  await expect(page.getByTestId('words-warning')).toContainText('Early token: only 6 tokens precede it.');
  await expect(page.getByTestId('verdict')).toHaveText('Not better than its control.');
  // Words are kept for the tokens that a longer text begins with too.
  await page.getByTestId('prompt').fill(`${TEXT} river`);
  await expect(page.getByTestId('chip-15')).toBeVisible();
  await expect(page.getByTestId('chip-6')).toHaveAttribute('data-words', 'low');
  await page.getByTestId('prompt').fill('Another text');
  await settled(page);
  await expect(page.locator('.chip[data-words]')).toHaveCount(0);
});

test('cancelled, the words stay as they are and have no score', async ({ page }) => {
  await tellWords(page, { pace: 400 });
  await open(page, short(TEXT));
  await page.getByTestId('chip-12').click();
  await page.getByTestId('verbalize').click();
  await expect(page.getByTestId('explanation')).toContainText('English');
  await page.getByTestId('verbal-progress').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByTestId('words')).toContainText('Stopped: not scored.');
  await expect(page.getByTestId('explanation')).toContainText('English');
  await expect(page.locator('.chip[data-words]')).toHaveCount(0);
});

test('the sentence is edited and scored as it is typed; a claim is left out and the score moves; both can be taken back', async ({
  page,
}) => {
  await tellWords(page);
  await open(page, short(TEXT));
  await verbalize(page, 12);
  await expect(page.getByTestId('claims').getByRole('row')).toHaveCount(6);
  await expect(page.getByTestId('claims').getByRole('row').nth(3)).toContainText('+0.27');
  await page.getByTestId('claims').getByRole('checkbox').nth(1).uncheck();
  await expect(own(page)).toContainText(/Medium.*0\.67was 0\.80/);
  await expect(page.locator('.claim-dropped.claim')).toHaveText(/inside quoted speech/);
  await page.getByRole('button', { name: 'Revert' }).click();
  await expect(own(page)).not.toContainText('was');
  await page.getByTestId('edit-words').click();
  const editor = page.getByTestId('words-editor');
  await expect(editor).toBeFocused();
  await editor.fill('It is inside quoted speech.');
  await expect(own(page)).toContainText(/Low.*0\.13was 0\.80/);
  await expect(page.getByTestId('claims').getByRole('row')).toHaveCount(2);
  await editor.press('Escape');
  await expect(page.getByTestId('edit-words')).toBeFocused();
  // Esc leaves the text, not the token.
  await expect(page.getByTestId('chip-12')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('explanation')).toContainText('It is inside quoted speech.');
  await page.getByRole('button', { name: 'Revert' }).click();
  await expect(page.getByTestId('explanation')).toContainText('English prose told simply');
});

test('which features the words name: the code of the words’ vector against the token’s', async ({ page }) => {
  await tellWords(page);
  await open(page, short(TEXT));
  await verbalize(page, 12);
  await page.getByText('Features named by these words').click();
  const part = page.getByTestId('named-features');
  await expect(part.getByRole('heading')).toHaveText([
    /^Named and active, \d+/,
    /^Named, not active, \d+/,
    /^Active, left out, \d+/,
  ]);
  const name = (await part.getByRole('button').last().locator('.mono').textContent())!;
  await part.getByRole('button').last().click();
  await expect(page.locator('.detail-head h3')).toHaveText(name);
});

test('a decoder row is put into words on its card, as a second opinion', async ({ page }) => {
  await tellWords(page);
  await open(page, short(TEXT));
  // The pair reads site 3, and says so elsewhere.
  await expect(page.getByTestId('verbalize-row')).toBeDisabled();
  await expect(page.getByText('Verbalize reads layer 3; another source is under Settings in Words.')).toBeVisible();
  await page.getByTestId('site').getByText('3', { exact: true }).click();
  await page.getByTestId('verbalize-row').click();
  const card = page.getByTestId('card-words');
  await expect(card).toHaveAttribute('data-state', 'done');
  await expect(card).toContainText('The verbalizer learnt to read activations, not directions');
  await expect(card.getByTestId('score-own')).toContainText('0.80');
  await expect(card.getByTestId('score-shuffled')).toContainText('n 64');
});

test('without a reconstructor there is relevancy and no score', async ({ page }) => {
  await tellWords(page, {
    info: { source: 'selfie', name: 'SelfIE', scores: false, layer: null, variance: null, bytes: 0 },
  });
  await open(page, short(TEXT));
  await verbalize(page, 12);
  await expect(page.getByTestId('no-score')).toHaveText('No score: this source has no reconstructor.');
  await expect(page.locator('.relevant').nth(2)).toHaveAttribute('title', /Relevancy 0\.40/);
  await expect(page.getByTestId('edit-words')).toHaveCount(0);
  await expect(page.getByTestId('chip-12')).toHaveAttribute('data-words', 'unscored');
});

test('SelfIE asks the open model itself: the text that the library gives, with relevancies and without a score', async ({
  page,
}) => {
  await open(page, short(TEXT));
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByTestId('verbal-settings').getByRole('combobox').selectOption('selfie');
  await expect(page.getByTestId('words-empty')).toContainText('No score: this source has no reconstructor.');
  await verbalize(page, 12);
  const text = (await page.getByTestId('explanation').locator('p').first().textContent())!;
  const said = await page.evaluate(async (prompt) => {
    const lens = window.lenslet!;
    const trace = await lens.trace(prompt);
    let last = '';
    for await (const step of lens.verbalize(trace, { source: 'selfie', position: 12, layer: 2 })) last = step.text;
    trace.dispose();
    return last;
  }, TEXT);
  expect(text).toBe(said);
  await expect(page.getByTestId('provenance')).toContainText('after layer 2');
});

test('the model’s own pair: the page’s score is the library’s for the same text, and moves when the text is edited', async ({
  page,
}) => {
  await open(page, short(TEXT));
  await verbalize(page, 12);
  await page.getByTestId('edit-words').click();
  const text = await page.getByTestId('words-editor').inputValue();
  const score = (said: string) =>
    page.evaluate(
      async ([prompt, words]) => {
        const trace = await window.lenslet!.trace(prompt!);
        const { fve } = await window.lenslet!.score(words!, trace, 12);
        trace.dispose();
        return fve!.toFixed(2).replace('-', '−');
      },
      [TEXT, said],
    );
  await expect(own(page)).toContainText(await score(text));
  const edited = 'It is a poem in Chinese.';
  await page.getByTestId('words-editor').fill(edited);
  await expect(own(page)).toContainText(`${await score(edited)}was ${await score(text)}`);
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 1024, 390]) {
    test(`axe has nothing serious to say of words, ${scheme}, ${width} px wide, and nothing stands out`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 844 });
      await tellWords(page, { fve: [0.2, 0.61] });
      await open(page, short(TEXT, '&t=12'));
      if (width < 1280)
        await page.getByRole('navigation', { name: 'Regions' }).getByRole('button', { name: 'Words' }).click();
      await page.getByTestId('words').locator('.ask-samples').getByText('4', { exact: true }).click();
      await page.getByTestId('verbalize').click();
      await done(page);
      await page.getByText('Features named by these words').click();
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'All controls' }).click();
      for (const sample of [1, 0]) {
        await page.getByTestId('samples').getByRole('radio').nth(sample).check({ force: true });
        expect(await serious(page)).toEqual([]);
      }
      await page.getByTestId('edit-words').click();
      await page.getByTestId('words-editor').fill('It is prose.');
      expect(await serious(page)).toEqual([]);
      const size = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.scrollHeight,
      ]);
      expect(size[0]).toBeLessThanOrEqual(width);
      if (width === 1440) expect(size[1]).toBeLessThanOrEqual(844);
    });
  }
}

/** Findings of axe that are serious or critical, in words. */
async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
}
