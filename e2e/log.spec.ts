import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { writeLog } from '../src/state/log/lines';
import { type LogEntry, newestFirst } from '../src/state/log/record';
import { ANSWER, logged } from '../src/state/testing/log';
import { figuresHold } from './figures';
import { expect, OLD_MAN, open, type Page, settled, short, test } from './page';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RIVER = 'She walked along the river and sang.';

const said = (text: string, relative: number) => [
  {
    text,
    score: { cosine: 1 - relative / 4, error: relative / 2, relative, fve: 1 - relative },
    done: 'stop' as const,
  },
];
const river = (i: number, rest: Partial<LogEntry>): LogEntry =>
  logged(i, {
    variance: 0.5,
    target: {
      kind: 'token',
      position: 4,
      tokenId: null,
      token: ' river',
      text: RIVER,
      whole: true,
      span: [20, 26],
      norm: 12,
    },
    ...rest,
  });
/** Four rows of two runs, newest first. */
const ROWS: LogEntry[] = [
  river(5, {
    samples: said('A tale.\n\nThe words just before are “ along the”.\n\nThe token is “ river”.', 0.2),
    source: 'nla',
  }),
  river(4, { samples: said('A tale of water.', 0.4), layer: 2, source: 'nla' }),
  logged(2, { samples: said('Prose about a hearth.', 1.2) }),
  logged(1, {
    samples: [{ text: 'hearth', score: null, done: 'length' }],
    controls: null,
    variance: null,
    source: 'selfie',
  }),
].sort(newestFirst);

const rows = (page: Page) => page.getByTestId('log-row');
const says = (page: Page) => page.getByTestId('log-says');
const counts = (page: Page) => page.getByTestId('log-counts');

async function openLog(page: Page): Promise<void> {
  await page.getByTestId('open-log').click();
  await expect(page.getByTestId('log')).toBeVisible();
}

async function take(page: Page, content: string, name = 'rows.jsonl'): Promise<void> {
  await page
    .getByTestId('log-import')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) });
}

/** The log needs no model: these tests do not wait for one. */
async function visit(page: Page): Promise<void> {
  await page.goto(`./?provider=wasm${short(OLD_MAN)}`);
}

async function withRows(page: Page, ready = visit): Promise<void> {
  await ready(page);
  await openLog(page);
  await take(page, writeLog(ROWS));
  await expect(says(page)).toHaveText('4 rows read: 4 new.');
}

async function exported(page: Page): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('log-export').click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

const wordsOf = (page: Page): Promise<string[]> => page.locator('.log-row .log-words').allTextContents();

test('rows are found by words and by the text around the token, and what was found is marked', async ({ page }) => {
  await visit(page);
  await openLog(page);
  await expect(page.getByTestId('log')).toContainText('Nothing verbalized yet.');
  await expect(page.getByTestId('log-export')).toBeDisabled();
  await take(page, writeLog(ROWS));
  await expect(rows(page)).toHaveCount(4);
  await expect(rows(page).first()).toContainText('High 0.80');
  await expect(rows(page).first()).toContainText('shuffled 0.10');
  await expect(rows(page).nth(3)).toContainText('No score');
  const search = page.getByTestId('log-search');
  await search.fill('TALE along');
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).nth(1).locator('mark')).toHaveText(['along', 'tale']);
  await expect(counts(page)).toContainText('2 of 4 rows.');
  await search.fill('hearth');
  await expect(rows(page)).toHaveCount(2);
  await search.fill('nowhere');
  await expect(page.getByTestId('log-nothing')).toContainText('No row holds these words');
  await page.getByRole('button', { name: 'List all' }).click();
  await expect(rows(page)).toHaveCount(4);
});

test('filters by score, site, source and run; a filter says what each of its values would give', async ({ page }) => {
  await withRows(page);
  const only = async (facet: string, value: string, n: number) => {
    await page.getByTestId(`log-filter-${facet}`).selectOption(value);
    await expect(rows(page)).toHaveCount(n);
  };
  await only('score', 'low', 1);
  await expect(page.getByTestId('log-filter-site').locator('option')).toHaveText(['Any layer', 'layer 3 (1)']);
  await only('score', '', 4);
  await only('site', '2', 1);
  await only('site', '', 4);
  await only('source', 'selfie', 1);
  await only('source', '', 4);
  // The run of the chosen row, from where its words are.
  await rows(page).first().click();
  await page.getByTestId('log-run').click();
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByTestId('log-run')).toHaveText('List all runs');
  await only('run', '', 4);
});

test('what is exported, deleted and imported is the same to the byte; what is here already is recognised', async ({
  page,
}) => {
  await withRows(page);
  await page.getByTestId('log-pin').click();
  const all = await exported(page);
  expect(all.name).toBe('lenslet-verbalizations.jsonl');
  expect(all.text).toBe(writeLog(ROWS.map((entry, i) => ({ ...entry, pinned: i === 0 }))));
  expect(JSON.parse(all.text.split('\n')[0]!)).toMatchObject({
    position: 4,
    token: ' river',
    mse: 0.1,
    l2_norm: 12,
    lenslet: { source: 'nla', layer: 3 },
  });
  // Of what is found, only that.
  await page.getByTestId('log-search').fill('hearth');
  await expect(rows(page)).toHaveCount(2);
  expect((await exported(page)).text.trim().split('\n')).toHaveLength(2);
  await page.getByTestId('log-clear').click();
  await expect(counts(page)).toContainText('0 of 2 rows.');
  await page.getByRole('button', { name: 'Put back' }).click();
  await expect(counts(page)).toContainText('2 of 4 rows.');
  await page.getByTestId('log-search').fill('');
  await page.getByTestId('log-clear').click();
  await expect(says(page)).toContainText('Deleted: 4 rows.');
  await take(page, all.text.split('\n').slice(0, 3).join('\n'));
  await expect(says(page)).toContainText('3 rows read: 3 new.');
  await take(page, all.text);
  await expect(says(page)).toContainText('4 rows read: 1 new, 3 here already.');
  expect((await exported(page)).text).toBe(all.text);
});

test('rows are there after a reload, pinned ones pinned; one is deleted and put back', async ({ page }) => {
  await withRows(page);
  await page.getByTestId('log-pin').click();
  await rows(page).nth(2).click();
  await page.getByTestId('log-delete').click();
  await expect(rows(page)).toHaveCount(3);
  // The row that took its place is chosen.
  await expect(rows(page).nth(2)).toHaveAttribute('aria-selected', 'true');
  await page.reload();
  await openLog(page);
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).first()).toContainText('pinned');
  const left = await wordsOf(page);
  await page.getByTestId('log-delete').click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Put back' }).click();
  await expect(rows(page)).toHaveCount(3);
  expect(await wordsOf(page)).toEqual(left);
});

test('Enter reopens a row: its text, token, site and words, with what is not as it was', async ({ page }) => {
  await withRows(page, open);
  const search = page.getByTestId('log-search');
  await expect(page.getByRole('heading', { name: 'Log of verbalizations' })).toBeFocused();
  await search.focus();
  await search.press('ArrowDown');
  await expect(rows(page).nth(1)).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('log-detail')).toContainText('A tale of water.');
  await search.press('Enter');
  await expect(page.getByTestId('log')).toBeHidden();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(RIVER);
  await expect(page.getByRole('option', { selected: true }).first()).toContainText('river');
  await expect(page.getByTestId('explanation')).toContainText('A tale of water.');
  await expect(page).toHaveURL(/[&#]s=2(&|$)/);
  // The row says that it was made by other weights.
  await expect(page.getByText('The words are of another model')).toBeVisible();
  // The log stands as it was left.
  await page.keyboard.press('l');
  await expect(rows(page).nth(1)).toHaveAttribute('aria-selected', 'true');
});

test('what is verbalized is written down by itself, and is there again', async ({ page }) => {
  await open(page, short(OLD_MAN, '&t=2'));
  await page.keyboard.press('l');
  await expect(page.getByTestId('log-nothing')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByTestId('verbalize').click();
  await expect(page.getByTestId('verbal-progress')).toBeVisible();
  await expect(page.getByTestId('verbal-progress')).toHaveCount(0);
  const words = ((await page.getByTestId('explanation').locator('p').first().textContent()) ?? '').trim();
  await page.reload();
  await openLog(page);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).locator('.log-token')).toHaveText('man');
  await expect(page.getByTestId('log-detail')).toContainText('position 2');
  expect(words.length).toBeGreaterThan(0);
  await expect(page.getByTestId('log-detail')).toContainText(words.split('\n')[0]!);
});

test('an answer of Neuronpedia is read, and what it lacks is said to be unknown', async ({ page }) => {
  await withRows(page);
  await take(page, JSON.stringify(ANSWER), 'gemma.json');
  await expect(says(page)).toHaveText('4 rows read: 4 new.');
  await take(page, ANSWER.results.map((result) => JSON.stringify(result)).join('\n'), 'other.jsonl');
  await expect(says(page)).toHaveText('4 rows read: 4 new.');
  await take(page, JSON.stringify(ANSWER), 'again.json');
  await expect(says(page)).toHaveText('4 rows read: 0 new, 4 here already.');
  await page.getByTestId('log-search').fill('rhyme');
  await expect(rows(page)).toHaveCount(2);
  await page.getByTestId('log-filter-site').selectOption('41');
  const detail = page.getByTestId('log-detail');
  // .02 of .05, and of the same result without its answer, no scale.
  await expect(detail.getByRole('row', { name: 'Medium' })).toContainText('0.60');
  expect(await figuresHold(page)).toBeGreaterThan(2);
  await expect(detail).toContainText('gemma-3-27b-it');
  await expect(detail).toContainText('Its whole text is not known.');
  await expect(page.getByTestId('log-reopen')).toBeDisabled();
  await page.getByTestId('log-filter-site').selectOption('?');
  await expect(detail).toContainText('V is not known');
  await expect(detail.locator('dl')).toContainText(/Model\s*not known/);
});

test('a file that is no log says which line is wrong, and changes nothing', async ({ page }) => {
  await withRows(page);
  const lines = writeLog([logged(8), logged(9)]);
  await take(page, `${lines}{"position":-1,"token":"x","description":"y"}\n`, 'bad.jsonl');
  await expect(page.getByTestId('log').getByTestId('error')).toContainText(
    'bad.jsonl: line 3: "position" must be a whole number',
  );
  await expect(page.getByTestId('log').getByTestId('error')).toContainText('The log is as it was.');
  await expect(counts(page)).toContainText('4 rows.');
  await take(page, 'nothing of the kind', 'bad.txt');
  await expect(page.getByTestId('log').getByTestId('error')).toContainText(
    'bad.txt is not a log of verbalizations: it is a text.',
  );
});

test('of five thousand rows a few are drawn, and keys go through all of them', async ({ page }) => {
  await visit(page);
  await openLog(page);
  await take(page, writeLog(Array.from({ length: 5001 }, (_, i) => logged(i))));
  await expect(says(page)).toHaveText('5,001 rows read: 5,000 new, 1 left out, as the log holds 5,000 rows.');
  await expect(counts(page)).toContainText('Full: for each new row the oldest that is not pinned goes.');
  expect(await rows(page).count()).toBeLessThan(40);
  const search = page.getByTestId('log-search');
  for (let i = 0; i < 3; i++) await search.press('PageDown');
  await expect(page.locator('.log-row[aria-selected="true"]')).toHaveAttribute('aria-posinset', '19');
  await expect(page.locator('.log-row[aria-selected="true"]')).toBeInViewport();
  await page.getByTestId('log-list').evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect(page.locator('[data-id="id 1"]')).toBeInViewport();
  await search.fill('4711');
  await expect(rows(page)).toHaveCount(1);
});

test('on a narrow page the rows are taller: none covers another, and the list ends with the last', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await visit(page);
  await openLog(page);
  await take(page, writeLog(Array.from({ length: 2000 }, (_, i) => logged(i))));
  await expect(says(page)).toHaveText('2,000 rows read: 2,000 new.');
  /** How far each drawn row stands from the one above it, the chosen one left out, and the height of all. */
  const laid = () =>
    page.getByTestId('log-list').evaluate((list) => {
      const drawn = [...list.querySelectorAll<HTMLElement>('.log-row[aria-selected="false"]')];
      const steps = drawn.slice(1).map((row, i) => row.offsetTop - drawn[i]!.offsetTop);
      return {
        steps: [...new Set(steps)],
        heights: [...new Set(drawn.map((row) => row.offsetHeight))],
        all: list.scrollHeight,
      };
    });
  await expect.poll(laid).toEqual({ steps: [104], heights: [104], all: 2000 * 104 });
  await page.getByTestId('log-list').evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect(page.locator('[data-id="id 0"]')).toBeInViewport();
  expect(await laid()).toEqual({ steps: [104], heights: [104], all: 2000 * 104 });
});

test('where the browser closes its storage the log works, and says until when rows are kept', async ({ page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('closed', 'SecurityError');
    };
  });
  await withRows(page);
  await expect(counts(page)).toContainText('4 rows. Kept until this tab is closed');
});

for (const [width, height, scheme] of [
  [1440, 900, 'light'],
  [390, 844, 'dark'],
] as const) {
  test(`axe has nothing serious to say of the log, ${scheme}, ${width} px wide; nothing stands out of the page`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height });
    await withRows(page);
    await page.getByTestId('log-search').fill('a');
    await expect(rows(page)).toHaveCount(4);
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id} ${nodes[0]?.html}`);
    });
    expect(found).toEqual([]);
    expect(await page.getByTestId('log').evaluate((place) => place.scrollWidth <= place.clientWidth)).toBe(true);
  });
}
