import { expect, type Page } from '@playwright/test';

/** The form of each quantity. A figure has one wherever it stands (src/lens/maths/figures.ts). */
const KL = /^(?:<0\.001|\d{1,2}\.\d{3,9}|\d{3}\.\d|\d(?:\.\d+)?e−\d+|–)$/;
const PROBABILITY = /^(?:<0\.001|0\.\d{3}|1\.000)$/;
const PERPLEXITY = /^(?:\d{1,3}\.\d|\d{1,2},\d{3}|\d\.\de\d+|–)$/;
const SHARE = /^(?:−?\d\.\d\d|–)$/;
const COSINE = /^(?:−?[01]\.\d{3}|–)$/;
const FVU = /^(?:\d{1,2}\.\d{3}|–)$/;
const LOGPROB = /^−?\d{1,3}\.\d\d$/;
const ACTIVATION = /^(?:−?(?:0\.\d{2,3}|\d\.\d\d|\d\d\.\d|\d{3}|\d{1,3},\d{3}|\d\.\de\d+)|–)$/;
const PERCENT = /^(?:<0\.1|>99\.9|\d{1,3}(?:\.\d)?|\d{1,3},\d{3})$/;

/** A figure in a sentence, found by the word before it, and its form. */
const SAID: readonly [RegExp, RegExp][] = [
  [/\bKL(?:\([^)]*\))? (<?[\d.]\S*?)(?=[\s;:]|[.,](?:\s|$)|$)/g, KL],
  [/(?<![\w-])p (<?[\d.]\S*?)(?=[\s;,]|\.(?:\s|$)|$)/g, PROBABILITY],
  [/\blogprob (\S+?)(?=[\s;,]|$)/g, LOGPROB],
  [/\bsurprisal (\d\S*) nats/g, LOGPROB],
  [/\bFVU (\d\S*?)(?=[\s;]|$)(?! to)/g, FVU],
  [/\bFVE (−?\d\S*?)(?=[\s;,]|\.(?:\s|$)|$)/g, SHARE],
  [/\b(?:precision|recall) (\d\S*?)(?=[\s;,]|$)/g, SHARE],
  [/\bcosine (−?\d\S*?)(?=[\s;:,]|$)/g, COSINE],
  [/\bPerplexity of the steered text (\S+?),? of the baseline/g, PERPLEXITY],
  [/\bof the control (\S+?)\.?$/g, PERPLEXITY],
  [/\b(?:residual norm|maximum) (\d\S*?)(?=[\s;,]|\.(?:\s|$)|$)/g, ACTIVATION],
  [/(\S*\d\S*) %/g, /^[([−+~]*(?:<0\.1|>99\.9|\d{1,3}(?:\.\d)?|\d{1,3},\d{3})$/],
];

/** A column of figures, by its heading. */
const COLUMN: Readonly<Record<string, RegExp>> = {
  'KL, nats': KL,
  ppl: PERPLEXITY,
  FVE: SHARE,
  'relative MSE': SHARE,
  cosine: COSINE,
  change: new RegExp(`${PERCENT.source.slice(0, -1)} %$|^–$`),
};

/** A row of figures, by its name. */
const ROW: readonly [RegExp, RegExp][] = [
  [/^mean KL/, KL],
  [/^perplexity/, PERPLEXITY],
  [/^FVU$/, /^(?:[+−]?\d{1,2}\.\d{3}|–)$/],
];

/** What no figure may look like, whatever its quantity. */
const NEVER: readonly [string, RegExp][] = [
  ['a number below one has its zero', /(?:^|[^\d\w.…])[−+<]?\.\d/],
  ['a minus is a minus sign', /(?:^|[\s([=])-\d/],
  ['an exponent has a minus sign or none', /\de[-+]\d/],
  ['what is no number is a dash', /\b(?:NaN|Infinity|undefined|null)\b/],
  ['thousands are grouped', /(?:^|[\s(=])\d{5,}(?=[\s.,;)]|$)/],
];

interface Read {
  says: string;
  /** The heading of its column and the name of its row, where it is a table's. */
  column: string | null;
  row: string | null;
}

/** Every text on screen but the model's and the reader's own words, and pairs of cells whose texts touch. */
async function read(page: Page): Promise<{ texts: Read[]; touching: string[] }> {
  return page.evaluate(() => {
    // Texts, tokens and what somebody typed may hold anything.
    const WORDS =
      '.mono, textarea, input, select, option, script, style, .stream-text, .chip, .snippets ol, .feature-name';
    const texts: { says: string; column: string | null; row: string | null }[] = [];
    const blocks = new Set<Element>();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement!;
      if (!node.textContent!.trim() || parent.closest(WORDS) || !parent.checkVisibility()) continue;
      const block = parent.closest('p, td, th, li, dd, dt, summary, h2, h3, h4, button, label, text');
      // What stands beside blocks, in a box of them, is a text by itself.
      if (block) blocks.add(block);
      else texts.push({ says: node.textContent!.trim(), column: null, row: null });
    }
    for (const block of blocks) {
      const copy = block.cloneNode(true) as Element;
      for (const words of copy.querySelectorAll(WORDS)) words.replaceWith(' … ');
      const cell = block.closest('td');
      const row = cell?.closest('tr')?.querySelector('th')?.textContent?.trim() ?? null;
      const column = cell?.closest('table')?.querySelector('thead tr')?.children[cell.cellIndex]?.textContent ?? null;
      texts.push({ says: copy.textContent!.replace(/\s+/g, ' ').trim(), column: column?.trim() ?? null, row });
    }
    for (const element of document.querySelectorAll('[aria-valuetext], svg[aria-label], [role="img"][aria-label]'))
      for (const name of ['aria-valuetext', 'aria-label'])
        if (element.hasAttribute(name)) texts.push({ says: element.getAttribute(name)!, column: null, row: null });
    const touching: string[] = [];
    // What a box cuts off is not painted.
    const painted = (cell: Element) => {
      const range = document.createRange();
      let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        range.selectNodeContents(node);
        const at = range.getBoundingClientRect();
        let [from, to] = [at.left, at.right];
        for (let box = node.parentElement!; box !== cell.parentElement; box = box.parentElement!) {
          if (getComputedStyle(box).overflowX === 'visible') continue;
          const edge = box.getBoundingClientRect();
          [from, to] = [Math.max(from, edge.left), Math.min(to, edge.right)];
        }
        if (to <= from || !node.textContent!.trim()) continue;
        [left, right] = [Math.min(left, from), Math.max(right, to)];
        [top, bottom] = [Math.min(top, at.top), Math.max(bottom, at.bottom)];
      }
      return { says: cell.textContent!, left, right, top, bottom };
    };
    for (const row of document.querySelectorAll('tr, li:has(> .figures + .figures)')) {
      if (!row.checkVisibility()) continue;
      const cells = [...row.children].map(painted).filter(({ left, right }) => right > left);
      for (const [i, cell] of cells.entries()) {
        const before = cells[i - 1];
        if (before && before.bottom > cell.top && before.top < cell.bottom && cell.left - before.right < 4)
          touching.push(`${before.says} | ${cell.says}`);
      }
    }
    return { texts, touching };
  });
}

/** Reads every figure on screen, and holds it to its quantity's form and clear of its neighbour. Returns how many it
 *  knew the quantity of. */
export async function figuresHold(page: Page): Promise<number> {
  const { texts, touching } = await read(page);
  const wrong: string[] = [];
  let known = 0;
  const hold = (figure: string, form: RegExp, says: string) => {
    known++;
    if (!form.test(figure)) wrong.push(`${figure} of "${says}"`);
  };
  for (const { says, column, row } of texts) {
    const form = COLUMN[column ?? ''] ?? ROW.find(([name]) => name.test(row ?? ''))?.[1];
    if (form && says !== '') hold(says, form, `${row} ${column}`);
    for (const [where, is] of SAID) for (const [, figure] of says.matchAll(where)) hold(figure!, is, says);
    for (const [rule, never] of NEVER) if (never.test(says)) wrong.push(`${rule}: "${says}"`);
  }
  expect(wrong).toEqual([]);
  expect(touching).toEqual([]);
  return known;
}
