import { shade } from '../src/state/base/shade';
import { serious } from './axe';
import { expect, OLD_MAN, open, type Page, ran, short, standsOut, test } from './page';

/** Pairs of texts that lie over each other inside a row of figures or a line of controls. */
const overlaps = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const boxes = (row: Element) =>
      [...row.querySelectorAll('*'), row]
        .filter((element) => element.checkVisibility() && !element.closest('option'))
        .flatMap((element) => [...element.childNodes])
        .filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())
        .flatMap((node) => {
          const range = document.createRange();
          range.selectNodeContents(node);
          return [...range.getClientRects()].map((box) => ({ text: node.textContent!, box }));
        });
    return [...document.querySelectorAll('.run-table tr, .edit-line')].flatMap((row) => {
      const all = boxes(row);
      return all.flatMap((a, i) =>
        all
          .slice(i + 1)
          .filter(
            ({ box }) =>
              box.left < a.box.right && a.box.left < box.right && box.top < a.box.bottom && a.box.top < box.bottom,
          )
          .map((b) => `${a.text} / ${b.text}`),
      );
    });
  });

/** What stands out of the page's width, though not inside of something that scrolls. */
const outside = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.run-table th, .run-table td, .edit-line > *, .sampling > *, .readout')]
      .filter(
        (element) =>
          element.checkVisibility() && element.getBoundingClientRect().right > document.documentElement.clientWidth,
      )
      .map((element) => element.textContent ?? ''),
  );

const SIZES = [
  [1440, 900],
  [1024, 768],
  [768, 1024],
  [390, 844],
] as const;

test('axe has nothing serious to say, light or dark, at any width', async ({ page }) => {
  await open(page, short(OLD_MAN, '&e=2:11a1.5&t=3'));
  await ran(page);
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    // Where one region stands at a time: that of the link, and Steer.
    const tabs = width > 719 ? [] : ['Steer'];
    for (const tab of [null, ...tabs]) {
      if (tab) await page.getByRole('navigation', { name: 'Regions' }).getByRole('button', { name: tab }).click();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const where = `${colorScheme}, ${width} px, ${tab}`;
        expect([where, await serious(page)]).toEqual([where, []]);
        expect([where, await overlaps(page)]).toEqual([where, []]);
        expect([where, await outside(page)]).toEqual([where, []]);
      }
    }
    // No sideways scroll but inside the matrix; at full width everything is seen without page scroll.
    const size = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.scrollHeight,
    ]);
    expect(size[0]).toBeLessThanOrEqual(width);
    expect([width, await standsOut(page)]).toEqual([width, []]);
    if (width === 1440) expect(size[1]).toBeLessThanOrEqual(height);
  }
});

for (const scheme of ['light', 'dark'] as const) {
  test(`axe has nothing serious to say of the sheets, a contrast, a locked generated token and a run that is out of date, ${scheme}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, short(OLD_MAN, '&e=2:11a1.5&t=3'));
    await ran(page);
    // The log has its own test.
    await page.getByTestId('open-notebook').click();
    await expect(page.getByTestId('notebook')).toBeVisible();
    await expect(page.getByTestId('open-notebook')).toHaveAttribute('aria-current', 'page');
    expect(await serious(page)).toEqual([]);
    expect(await outside(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('notebook')).toBeHidden();
    for (const sheet of ['search', 'keys']) {
      await page.getByTestId(`open-${sheet}`).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      expect([sheet, await serious(page)]).toEqual([sheet, []]);
      await page.keyboard.press('Escape');
    }
    await page.getByTestId('run-steered').getByRole('option').nth(2).click();
    await expect(page.getByTestId('generated')).toBeVisible();
    await page.getByTestId('more-sampling').click();
    await expect(page.getByLabel('A stop sequence to add')).toBeVisible();
    expect(await serious(page)).toEqual([]);
    await page.getByTestId('list').getByText('Contrast').click();
    await page.getByRole('button', { name: /^Hold/ }).click();
    await page.getByTestId('prompt').fill('老人看着河');
    await expect(page.getByTestId('run')).toHaveAttribute('data-stale', 'true');
    await expect(page.getByTestId('chip-0')).toContainText('老');
    expect(await serious(page)).toEqual([]);
  });
}

/** Relative luminance and contrast, as WCAG has them, of what a chip's text is painted with at each of 1,001 fills. */
const painted = (page: Page, chip: string) =>
  page.evaluate((selector) => {
    const luminance = (colour: string): number => {
      const parts = colour
        .match(/[\d.]+/g)!
        .slice(0, 3)
        .map(Number);
      const [r, g, b] = parts
        .map((part) => (colour.startsWith('rgb') ? part / 255 : part))
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const paper = luminance(getComputedStyle(document.documentElement).backgroundColor);
    // In the text itself, laid out once: a chip of its kind for every fill.
    const chip = document.querySelector<HTMLElement>(selector)!;
    const block = chip.parentElement!.cloneNode(false) as HTMLElement;
    for (let i = 0; i <= 1000; i++) {
      const text = chip.firstElementChild!.cloneNode() as HTMLElement;
      text.style.setProperty('--fill', `${(i / 10).toFixed(1)}%`);
      const copy = chip.cloneNode() as HTMLElement;
      copy.append(text);
      block.append(copy);
    }
    chip.parentElement!.after(block);
    const all = [...block.children].map((copy) => {
      const { backgroundColor, color } = getComputedStyle(copy.firstElementChild!);
      const cell = luminance(backgroundColor);
      return { onPaper: contrast(cell, paper), ofText: contrast(luminance(color), cell) };
    });
    block.remove();
    return all;
  }, chip);

test('a filled token stands out from the paper the more it is filled, and its text is readable at every fill', async ({
  page,
}) => {
  await open(page);
  const at = (share: number) => Math.round(1000 * shade(share, 1));
  // Light paper leaves no room for 5:1 under dark letters.
  const least = { dark: { full: 5, weak: 1.5 }, light: { full: 2, weak: 1.5 } };
  for (const colour of ['Feature', 'FVU']) {
    await page.getByRole('radio', { name: colour, exact: true }).check();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const chip of ['.chip:not(.chip-muted)', '.chip-muted']) {
        const fills = await painted(page, chip);
        const found = {
          full: fills[at(1)]!.onPaper >= least[colorScheme].full,
          weak: fills[at(0.3)]!.onPaper >= least[colorScheme].weak,
          rises: fills.every(({ onPaper }, i) => i === 0 || onPaper > fills[i - 1]!.onPaper),
          unreadable: fills.flatMap(({ ofText }, i) => (ofText < 4.5 ? [`${i / 10} %: ${ofText.toFixed(2)}`] : [])),
        };
        const where = `${colour}, ${colorScheme}, ${chip}`;
        expect([where, found]).toEqual([where, { full: true, weak: true, rises: true, unreadable: [] }]);
      }
    }
  }
});

test('at 390 px the text is three whole lines, and a token that is locked far down cuts none', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, short('话说那老人走进门来，看见桌上放着一封信，便拿起来细看。'.repeat(5), '&t=9'));
  const list = page.getByRole('listbox', { name: 'Tokens', exact: true });
  /** Lines that are seen in part or whole, and those of them that are seen whole. */
  const lines = () =>
    list.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      const boxes = [...element.querySelectorAll('.chip-text')].map((chip) => chip.getBoundingClientRect());
      const seen = new Map(boxes.filter((box) => box.bottom > top && box.top < bottom).map((box) => [box.top, box]));
      return [seen.size, [...seen.values()].filter((box) => box.top >= top && box.bottom <= bottom).length];
    });
  expect(await lines()).toEqual([3, 3]);
  await page.getByTestId('chip-9').focus();
  for (const key of ['End', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp']) {
    await page.keyboard.press(key);
    expect([key, await lines()]).toEqual([key, [3, 3]]);
  }
});

test('390 px are enough to read a token, lock it and move one slider', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, short(OLD_MAN, '&e=2:11a1'));
  await ran(page);
  const inSight = (id: string) => expect(page.getByTestId(id).first()).toBeInViewport();
  await page.getByTestId('chip-4').click();
  await expect(page.getByTestId('readout')).toContainText('position 4');
  await expect(page.getByTestId('cut')).toContainText(/12 of the 16 features active/);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  // The tokens stay above whatever is read.
  await inSight('chip-4');
  await page.getByRole('navigation', { name: 'Regions' }).getByRole('button', { name: 'Steer' }).click();
  // A tab brings its region to the top, below the tokens.
  const region = page.getByRole('region', { name: 'Steering' });
  await expect.poll(async () => (await region.boundingBox())!.y).toBeLessThan(200);
  const slider = page.getByTestId('slider');
  await slider.scrollIntoViewIfNeeded();
  const box = (await slider.boundingBox())!;
  expect(box.height).toBeGreaterThanOrEqual(24);
  const before = await page.getByTestId('dumbbells').innerHTML();
  await page.mouse.click(box.x + box.width * 0.9, box.y + box.height / 2);
  await expect.poll(() => page.getByTestId('dumbbells').innerHTML()).not.toBe(before);
  await ran(page);
  await inSight('chip-4');
  await inSight('slider');
});

test('with reduced motion nothing has a transition or an animation', async ({ page }) => {
  const moving = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element);
          return animationName !== 'none' || transitionDuration.split(',').some((time) => Number.parseFloat(time) > 0);
        })
        .map(({ tagName, className }) => `${tagName} ${className}`),
    );
  await open(page, short(OLD_MAN, '&e=2:11a1'));
  await ran(page);
  expect((await moving()).length).toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving()).toEqual([]);
});
