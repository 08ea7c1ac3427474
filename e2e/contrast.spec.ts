import { figuresHold } from './figures';
import { expect, open, type Page, settled, short, test } from './page';

const ENGLISH = 'The old man looked at the river and said nothing.';
const CHINESE = '老人看着河流，什么也没有说。';
const HAN = /\p{Script=Han}/u;

const pairs = (page: Page) => page.getByTestId('contrast').locator('[data-testid^="pair-"]');

async function type(page: Page, text: string): Promise<void> {
  await page.getByTestId('prompt').fill(text);
  await settled(page);
}

async function contrast(page: Page): Promise<void> {
  await open(page, short(ENGLISH));
  await page.getByTestId('list').getByText('Contrast').click();
  await page.getByRole('button', { name: 'Hold this text as A' }).click();
  await type(page, CHINESE);
}

/** Ids and differences as they are shown. */
const shown = (page: Page): Promise<[string, number][]> =>
  pairs(page).evaluateAll((rows) =>
    rows.map(
      (row) =>
        [row.getAttribute('data-testid')!.slice(5), Number(row.children[3]!.textContent!.replace('−', '-'))] as [
          string,
          number,
        ],
    ),
  );

test('an English text held as A against its translation: features of Chinese come up, and one click steers one', async ({
  page,
}) => {
  await contrast(page);
  await expect(page.getByTestId('contrast-a')).toHaveText(ENGLISH);
  await expect(page.getByTestId('contrast-b')).toHaveText(CHINESE);
  await expect(page.getByTestId('contrast')).toContainText(
    /first token left out\. Two texts are two samples: these are differences over \d+ and \d+ tokens/,
  );
  const list = await shown(page);
  expect(list.length).toBe(16);
  expect(list).toEqual([...list].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])));
  // Of the features that are more active in B, the one that differs most promotes Chinese.
  const [id] = list.find(([, difference]) => difference > 0)!;
  const promoted = await page.evaluate(
    async (feature) => (await window.lenslet!.feature(2, feature)).promoted.map(({ text }) => text),
    Number(id),
  );
  const named = (await page.getByTestId(`pair-${id}`).locator('th').textContent())!;
  expect([named, ...promoted].some((text) => HAN.test(text))).toBe(true);
  await page
    .getByTestId(`pair-${id}`)
    .getByRole('button', { name: `Steer 2:${id}` })
    .click();
  await expect(page.getByTestId('steer-row-0')).toContainText(`2:${id}`);
  expect(Number(await page.getByTestId('slider').inputValue())).toBeGreaterThan(0);
});

test('means and rates are those of the two traces', async ({ page }) => {
  await contrast(page);
  for (const by of ['mean', 'rate'] as const) {
    if (by === 'rate') await page.getByTestId('contrast').getByText('rate', { exact: true }).click();
    const list = await shown(page);
    const expected = await page.evaluate(
      async ({ texts, ids, how }) => {
        const average = async (text: string) => {
          const trace = await window.lenslet!.trace(text);
          const { ids: all, values, k, fvu } = trace.site(2);
          const of = ids.map((id) => {
            let sum = 0;
            for (let slot = k; slot < all.length; slot++)
              if (all[slot] === id) sum += how === 'mean' ? values[slot]! : 100;
            return sum / (fvu.length - 1);
          });
          trace.dispose();
          return of;
        };
        const [a, b] = [await average(texts[0]!), await average(texts[1]!)];
        return ids.map((_, i) => b[i]! - a[i]!);
      },
      { texts: [ENGLISH, CHINESE], ids: list.map(([id]) => Number(id)), how: by },
    );
    for (const [i, [, difference]] of list.entries())
      expect(Math.abs(difference - expected[i]!)).toBeLessThan(by === 'mean' ? 0.051 : 0.51);
  }
  expect(await figuresHold(page)).toBeGreaterThan(5);
});

test('A survives another site and another region, is exchanged with B, and is released', async ({ page }) => {
  await contrast(page);
  const before = await shown(page);
  await page.getByTestId('site').getByText('3', { exact: true }).click();
  await expect(pairs(page).first()).toContainText('3:');
  await page.getByTestId('site').getByText('2', { exact: true }).click();
  await expect.poll(() => shown(page)).toEqual(before);
  await page.getByTestId('contrast').getByRole('button', { name: 'Swap' }).click();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(ENGLISH);
  await expect(page.getByTestId('contrast-a')).toHaveText(CHINESE);
  await expect
    .poll(() => shown(page))
    .toEqual(before.map(([id, difference]) => [id, difference === 0 ? 0 : -difference]));
  await page.getByRole('button', { name: 'Release A' }).click();
  await expect(pairs(page)).toHaveCount(0);
  await expect(page.getByTestId('contrast')).toContainText('No text is held.');
});

test('the same text against itself is no comparison', async ({ page }) => {
  await open(page, short(ENGLISH));
  await page.getByTestId('list').getByText('Contrast').click();
  await page.getByRole('button', { name: 'Hold this text as A' }).click();
  await expect(page.getByTestId('contrast')).toContainText('The same as A. Type another text in the prompt box.');
  await expect(pairs(page)).toHaveCount(0);
});
