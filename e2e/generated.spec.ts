import { figuresHold } from './figures';
import { expect, OLD_MAN, open, type Page, ran, settled, short, test, watchShifts } from './page';

/** Any live feature, added at the middle site: the sites above it see the edit, it and those below do not at the token
 *  itself. */
const ROW = '&e=2:11a3';

const token = (page: Page, kind: string, i: number) => page.getByTestId(`run-${kind}`).locator(`[data-i="${i}"]`);

/** The features of the shown table with the values of one column. */
const column = (page: Page, n: number): Promise<Record<string, string>> =>
  page
    .getByTestId('generated')
    .locator('[data-testid^="pair-"]')
    .evaluateAll(
      (rows, at) =>
        Object.fromEntries(
          rows.map((row) => [row.getAttribute('data-testid')!.slice(5), row.children[at]!.textContent!]),
        ),
      n,
    );

test('a locked token of the baseline has the codes that a trace of prompt and text gives at its place', async ({
  page,
}) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await token(page, 'baseline', 4).click();
  await expect(page.getByTestId('generated')).toContainText(/^Baseline, token 5 “.+”/);
  const shown = await column(page, 1);
  const expected = await page.evaluate(async (prompt) => {
    const lens = window.lenslet!;
    let text = '';
    for await (const { rows } of lens.generate(prompt, { maxTokens: 12 })) text += rows[0]?.text ?? '';
    const trace = await lens.trace(prompt + text);
    const at = (await lens.tokenize(prompt)).length + 4;
    const { ids, values, k } = trace.site(2);
    const codes = Array.from({ length: k }, (_, slot) => [String(ids[at * k + slot]), values[at * k + slot]!] as const);
    trace.dispose();
    return codes.filter(([, value]) => value > 0);
  }, OLD_MAN);
  const active = Object.entries(shown).filter(([, value]) => Number(value) > 0);
  expect(active.length).toBeGreaterThan(3);
  for (const [id, value] of active)
    expect(Math.abs(Number(value) - Object.fromEntries(expected)[id]!)).toBeLessThan(0.06);
});

test('every text can be locked, the same place is marked in all three, and each is set beside the baseline', async ({
  page,
}) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  // The hairline stands over and under a word, not in its letters.
  const word = page.getByTestId('run-baseline').getByRole('option').filter({ hasText: /\w{3}/ }).first();
  const { x, y, width, height } = (await word.boundingBox())!;
  const letters = () => page.screenshot({ clip: { x, y: y + 1, width, height: height - 2 }, animations: 'disabled' });
  const before = await letters();
  await word.click();
  await page.mouse.move(700, 5);
  await expect(word).toHaveClass(/at-lock/);
  await expect(page.locator('.at-step')).toHaveCount(0);
  expect((await letters()).equals(before)).toBe(true);
  await token(page, 'steered', 2).click();
  for (const kind of ['baseline', 'steered', 'control']) {
    await expect(token(page, kind, 2)).toHaveClass(/at-lock/);
    await expect(token(page, kind, 2)).toHaveAttribute('aria-selected', String(kind === 'steered'));
    await expect(page.locator('.kl-cursor:not(.kl-cursor-step)')).toHaveCount(1);
  }
  const generated = page.getByTestId('generated');
  await expect(generated).toContainText(/Steered, token 3 “.+”/);
  await expect(generated).toContainText(/\d+ of \d+ features/);
  await expect(generated).toContainText('Features as they were before the edit at this layer');
  const rows = await generated
    .locator('[data-testid^="pair-"]')
    .evaluateAll((all) => all.map((row) => [...row.children].slice(1, 4).map((cell) => cell.textContent!)));
  expect(rows.length).toBeLessThanOrEqual(16);
  const number = (text: string) => Number(text.replace('−', '-').replace('+', ''));
  let last = Number.POSITIVE_INFINITY;
  for (const [base, steered, difference] of rows) {
    expect(Math.abs(number(steered!) - number(base!) - number(difference!))).toBeLessThan(0.11);
    expect(Math.abs(number(difference!))).toBeLessThanOrEqual(last + 0.051);
    last = Math.abs(number(difference!));
  }
  await generated.getByText('control', { exact: true }).click();
  await expect(generated).toContainText(/Control, token 3/);
  await expect(token(page, 'control', 2)).toHaveAttribute('aria-selected', 'true');
  // Another site has other features at the same place.
  const here = await column(page, 2);
  await page.getByTestId('site').getByText('3', { exact: true }).click();
  await expect.poll(() => column(page, 2)).not.toEqual(here);
  await page.keyboard.press('Escape');
  await expect(generated).toHaveCount(0);
  await expect(page.locator('.at-lock')).toHaveCount(0);
  expect(await figuresHold(page)).toBeGreaterThan(10);
});

test('an edit at site 2 is not in the codes of site 2 where the texts have not parted, and is in those of site 3', async ({
  page,
}) => {
  // Only the first generated token is fed before anything differs by its prefix.
  await open(page, `#p=${encodeURIComponent(OLD_MAN)}&g=0,1,16,3&e=2:11a0.2g`);
  await ran(page);
  const [base, steered] = await Promise.all(['baseline', 'steered'].map((kind) => token(page, kind, 0).textContent()));
  expect(base).toBe(steered);
  await token(page, 'steered', 0).click();
  const differences = async () => Object.values(await column(page, 3));
  await expect(page.getByTestId('generated')).toBeVisible();
  await expect(page.getByTestId('pair-11')).toHaveCount(0);
  expect(new Set(await differences())).toEqual(new Set(['0.0']));
  await page.getByTestId('site').getByText('3', { exact: true }).click();
  await expect.poll(async () => (await differences()).some((value) => value !== '0.0')).toBe(true);
});

test('the last token was not read and has no codes, and says so', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await token(page, 'baseline', 11).click();
  await expect(page.getByTestId('unread-baseline')).toHaveText(
    'Baseline: The last token was not read by the model: generate one more to see its codes.',
  );
  await expect(page.getByTestId('generated').locator('[data-testid^="pair-"]')).toHaveCount(0);
});

test('keys lock, move and unlock', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await page.getByTestId('run-steered').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('generated')).toContainText(/Steered, token 2/);
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('generated')).toContainText(/Steered, token 3/);
  await expect(page.getByTestId('run-steered')).toHaveAttribute('aria-activedescendant', 'steered-2');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('generated')).toHaveCount(0);
});

test('a generated text becomes the prompt, all of it or up to the locked token, and is traced', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  const text = await page.getByTestId('run-steered').textContent();
  await token(page, 'steered', 3).click();
  const part = (await Promise.all([0, 1, 2, 3].map((i) => token(page, 'steered', i).textContent()))).join('');
  await page.getByRole('button', { name: 'Send up to here to prompt: steered' }).click();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN + part);
  await expect(page.getByTestId('generated')).toHaveCount(0);
  await expect.poll(() => page.locator('.chips').textContent()).toContain(part.trim().split('\n')[0]!.trim());
  // The run on show is still that of its own prompt.
  await page.getByRole('button', { name: 'Send to prompt: steered' }).click();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN + text);
});

/** Makes generations long and quick: what is measured is the page, not the engine. */
async function quickLens(page: Page, tokens: number): Promise<void> {
  await page.evaluate((n) => {
    const lens = window.lenslet!;
    let seed = 1;
    const random = () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    // Words of several tokens: the line that one begins on may not hold it.
    const words = [' the', 'ing', 'er', 'ly', '\n', ' stone', 'ness', ' 我', '们', 'ing', ',', 'er', 'ing'];
    lens.generate = async function* (_prompt, options = {}) {
      for (let i = 0; i < n; i++) {
        await new Promise((resolve) => setTimeout(resolve, 12));
        if (options.signal?.aborted) return;
        const rows = (options.variants ?? [[]]).map((edits, row) => ({
          token: i < 20 ? i : Math.floor(random() * 200) + row,
          text: words[Math.floor(random() * words.length)]!,
          logprob: -3 * random(),
          codes: {},
          acted: edits.length,
          change: edits.length,
          norm: 10,
          kl: edits.length ? 2 * random() : null,
          surprisal: edits.length ? 3 * random() : null,
          done: i === n - 1 ? ('length' as const) : null,
        }));
        yield { position: i, rows, mass: 1, ms: 12 };
      }
    };
    lens.band = async (_prompt, _edits, { seeds }) => seeds.map(() => Float32Array.from({ length: n }, random));
  }, tokens);
}

test('512 tokens in three texts: each token is drawn a few times and no more, and nothing jumps', async ({ page }) => {
  await open(page, short(OLD_MAN, ROW));
  await ran(page);
  await quickLens(page, 512);
  await watchShifts(page);
  await page.evaluate(() => {
    window.lensletRenders = new Map();
  });
  await page.getByTestId('generate').click();
  await expect(page.getByTestId('run')).toHaveAttribute('data-status', 'generating');
  await ran(page);
  for (const kind of ['baseline', 'steered', 'control'])
    await expect(page.getByTestId(`run-${kind}`)).toHaveAttribute('data-tokens', '512');
  expect(await page.evaluate(() => window.shifts)).toEqual([]);
  // Once as it is written, and again where its mark changes.
  const drawn = await page.evaluate(() => window.lensletRenders!.get('generated token')!);
  expect(drawn).toBeGreaterThanOrEqual(3 * 512);
  expect(drawn).toBeLessThan(3 * 512 * 4);
});

test('two clicks go on from another token: one locks a place, one takes what else was likely there; a stop sequence ends the text', async ({
  page,
}) => {
  await open(page, `${short(OLD_MAN)},1.2,%0A%0A%0A,in+no+text`);
  await page.getByTestId('generate').click();
  await ran(page);
  const before = (await Promise.all([0, 1].map((i) => token(page, 'baseline', i).textContent()))).join('');
  const here = (await token(page, 'baseline', 2).textContent())!;
  await token(page, 'baseline', 2).click();
  const list = page.getByTestId('generated').getByTestId('alternatives');
  await expect(list.getByRole('button')).toHaveCount(10);
  const chances = (await list.getByRole('button').allInnerTexts()).map((says) => Number(says.match(/[\d.]+$/)![0]));
  expect(chances).toEqual([...chances].sort((a, b) => b - a));
  const other = list
    .locator('button:not([aria-current])')
    .filter({ hasText: /[a-z]{2}/ })
    .first();
  const word = (await other.locator('.token-bar-text').textContent())!;
  expect(word).not.toBe(here);
  await other.click();
  await ran(page);
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN + before + word);
  await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'false');
  await expect(page.getByTestId('generated')).toHaveCount(0);
  // What the link set stands.
  const set = page.getByTestId('sampling-set');
  await expect(set).toHaveText('Repetition penalty 1.2. Stops at “\\n\\n\\n”, “in no text”.');
  const whole = (await page.getByTestId('run-baseline').textContent())!;
  const stop = whole.slice(6, 9);
  await page.getByTestId('more-sampling').click();
  await page.getByLabel('A stop sequence to add').fill(stop.replaceAll('\n', '\\n'));
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('run-baseline')).toHaveText(/\[stop sequence\]$/);
  await ran(page);
  const said = (await page.getByTestId('run-baseline').textContent())!.replace('[stop sequence]', '');
  expect(whole.startsWith(said)).toBe(true);
  expect(said).toContain(stop);
  await page.keyboard.press('Escape');
  for (let step = 0; step < 2; step++) await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
});
