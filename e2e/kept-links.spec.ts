import { expect, type Page, test } from '@playwright/test';
import {
  type Edit,
  expectEdits,
  expectNumbers,
  expectSampling,
  foreignRequests,
  forgetRuns,
  type KeptWindow,
  LONG,
  lastRun,
  noteRuns,
  paste,
  type ReadOut,
  readJson,
  type Sampling,
  serveFolder,
  settled,
  visit,
} from './kept';

interface Means {
  prompt: string;
  site?: number;
  tokens?: number[];
  feature?: string;
  colour?: string;
  toPrompt?: boolean;
  first?: boolean;
  dense?: boolean;
  rank?: string;
  over?: string;
  control: boolean;
  draw: number;
  sampling: Sampling;
  /** The rows of the panel; of those that are on, the edits. */
  rows: { feature: string; on: boolean }[];
  edits: Edit[];
  /** Something of the link could not be had, and that is said. */
  notice?: boolean;
}

interface Links {
  fragments: { name: string; fragment: string; means: Means }[];
  queries: {
    name: string;
    query: string;
    asks: string[];
    plan?: { dictionary: string; layer: string; format?: string; dictionaryFormat?: string; says: string[] };
    agreed?: string;
    fetches?: string;
  }[];
}

const { fragments, queries } = readJson<Links>('links.json');

const checkedOf = (page: Page, group: string) => page.getByRole('group', { name: group }).locator('input:checked');

/** What the page shows is what the link meant. */
async function expectView(page: Page, means: Means): Promise<void> {
  await expect(page.getByTestId('prompt')).toHaveValue(means.prompt, LONG);
  const rows = page.locator('[data-testid^="steer-row-"]');
  await expect(rows).toHaveCount(means.rows.length);
  for (const [i, { feature, on }] of means.rows.entries()) {
    await expect(rows.nth(i)).toContainText(feature);
    await expect(rows.nth(i).getByRole('checkbox', { name: `${feature} on` })).toBeChecked({ checked: on });
  }
  await settled(page);
  if (means.site !== undefined)
    await expect(page.getByTestId('site').locator('input:checked')).toHaveValue(String(means.site));
  const chosen = page.locator('[data-testid^="chip-"][aria-selected="true"]');
  await expect
    .poll(
      () => chosen.evaluateAll((chips) => chips.map((chip) => Number((chip as HTMLElement).dataset.testid!.slice(5)))),
      LONG,
    )
    .toEqual(means.tokens ?? []);
  if (means.feature !== undefined)
    await expect(page.getByRole('region', { name: 'Chosen feature' }).getByRole('heading').first()).toHaveText(
      means.feature,
    );
  if (means.colour !== undefined) await expect(checkedOf(page, 'Colour of the tokens')).toHaveValue(means.colour);
  if (means.rank !== undefined) await expect(checkedOf(page, 'Rank by')).toHaveValue(means.rank);
  if (means.over !== undefined) await expect(checkedOf(page, 'Of these tokens')).toHaveValue(means.over);
  const boxes = [
    ['Colour relative to this text', means.toPrompt],
    ['Include the first token and sinks', means.first],
    [/^Show features that fire/, means.dense],
    ['Random control', means.control],
  ] as const;
  for (const [name, checked] of boxes)
    if (checked !== undefined) await expect(page.getByRole('checkbox', { name })).toBeChecked({ checked });
  await expect(page.getByText(`no. ${means.draw}`, { exact: true })).toBeVisible();
  await expectSampling(page, means.sampling);
  await expect(page.getByTestId('link-notices')).toHaveCount(means.notice ? 1 : 0);
}

/** What the page asks of the engine for it: the edits, the way texts are drawn, and a control along another direction a
 *  draw. */
async function expectRun(page: Page, means: Means, directions: Map<number, unknown>): Promise<void> {
  const { variants, sampling } = await lastRun(page, means.prompt);
  expect(sampling).toEqual(means.sampling);
  expect(variants.length).toBe(means.control ? 3 : 2);
  expect(variants[0]).toEqual([]);
  expectEdits(variants[1]!, means.edits, means.prompt);
  if (!means.control) return;
  const { random } = variants[2]![0]!.direction as { random: number };
  // Seed of the n-th draw: eight apart, so that the seven further draws of its band lie between.
  expect(random).toBe(8 * means.draw);
  directions.set(means.draw, random);
}

test('a link shows and asks for what it meant when it was copied: every kind of edit, place and view', async ({
  page,
}) => {
  test.setTimeout(540_000);
  const directions = new Map<number, unknown>();
  await visit(page, `./?provider=wasm#${fragments[0]!.fragment}`);
  expect(await page.evaluate(() => (window as unknown as KeptWindow).lenslet!.info.provider)).toBe('wasm');
  // The first one by opening it; it comes again below, when the engine is listened to.
  await expectView(page, fragments[0]!.means);
  await noteRuns(page);
  await paste(page, 'p=Between');
  await expect(page.getByTestId('prompt')).toHaveValue('Between', LONG);
  // Read, not only taken: what is shown of the first link's text is then no answer to the link that comes again.
  await expect(page.getByTestId('chip-0')).toHaveText(/^B/, LONG);
  await settled(page);
  for (const { name, fragment, means } of fragments) {
    await test.step(name, async () => {
      await forgetRuns(page);
      await paste(page, fragment);
      await expectView(page, means);
      if (means.edits.length) await expectRun(page, means, directions);
    });
  }
  expect([...directions.keys()]).toEqual([1, 3]);
});

test('a query asks, plans and fetches what it asked for when it was written', async ({ page }) => {
  test.setTimeout(540_000);
  const asked = foreignRequests(page);
  await page.route(/^https:\/\//, (route) => route.abort());
  for (const { name, query, asks, plan, agreed, fetches } of queries) {
    await test.step(name, async () => {
      await page.goto('about:blank');
      await page.goto(`./${query}#p=A+text`);
      const question = page.getByRole('region', { name: 'Model' });
      for (const words of asks) await expect(question).toContainText(words, LONG);
      await expect(page.getByTestId('prompt')).toHaveValue('A text');
      if (plan) {
        await page.getByTestId('see-plan').click();
        await expect(page.getByTestId('plan')).toContainText(plan.dictionary);
        await expect(page.getByTestId('plan-layer')).toHaveValue(plan.layer);
        for (const words of plan.says) await expect(page.getByTestId('confirm-says')).toContainText(words);
        if (plan.format)
          await expect(
            page.getByTestId('plan').getByRole('radio', { name: plan.format, exact: true }).first(),
          ).toBeChecked();
        if (plan.dictionaryFormat)
          await expect(checkedOf(page, 'How the dictionary lies on the GPU')).toHaveValue(plan.dictionaryFormat);
      }
      expect(asked).toEqual([]);
      if (!agreed || !fetches) return;
      // With a word that was given in this tab before, the second page fetches without another question.
      await page.evaluate((word) => sessionStorage.setItem('lenslet-agreed', word), agreed);
      await page.goto(`./open.html${query}#p=A+text`);
      await expect.poll(() => asked.length, LONG).toBeGreaterThan(0);
      expect(asked[0]!.split('?')[0]).toBe(fetches);
      await page.goto('about:blank');
      asked.length = 0;
    });
  }
});

test('?model= opens a folder beside the page by its sae/index.json, with its statistics, and says of a text what it said', async ({
  page,
}) => {
  test.setTimeout(540_000);
  const { asFolder } = readJson<{ asFolder: ReadOut }>('expected.json');
  await serveFolder(page, '/models/of-somebody/');
  await visit(page, `./?model=models/of-somebody&layer=2&provider=wasm#p=${encodeURIComponent(asFolder.text)}`);
  const site = await page.evaluate(() => {
    const { sites, model } = (window as unknown as KeptWindow).lenslet!.info;
    return sites.map(({ maximum, density, ...rest }) => ({
      ...rest,
      maximum: maximum && [...maximum.slice(0, 3)],
      density: density?.length,
      model,
    }));
  });
  expect(site).toEqual([
    expect.objectContaining({
      layer: 2,
      width: 64,
      k: 4,
      center: 'mean',
      normMedian: 8.5,
      maximum: [0.5, 1, 1.5],
      density: 64,
      model: expect.stringMatching(/\/models\/of-somebody\/$/),
    }),
  ]);
  await expectNumbers(page, asFolder);
});
