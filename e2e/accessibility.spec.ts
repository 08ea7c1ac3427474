import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page, test } from '@playwright/test';
import { OLD_MAN, open, ran, short } from './page';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string | null;
  nodes: { html: string }[];
}

/** Findings of axe that are serious or critical, in words. */
async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      nodes: nodes.slice(0, 3).map(({ html }) => ({ html: html.slice(0, 160) })),
    }));
  });
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`);
}

for (const scheme of ['light', 'dark'] as const) {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    test(`axe has nothing serious to say, ${scheme}, ${width} px wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height });
      await open(page, short(OLD_MAN, '&e=3:1933a1.5&t=3'));
      if (width > 719) await ran(page);
      expect(await serious(page)).toEqual([]);
      // No sideways scroll but inside the matrix; at full width everything is seen without page scroll.
      const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
      expect(size[0]).toBeLessThanOrEqual(width);
      if (width === 1440) expect(size[1]).toBeLessThanOrEqual(height);
    });
  }
}
