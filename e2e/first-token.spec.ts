import { readFileSync } from 'node:fs';
import { expect, open, type Page, settled, short, test } from './page';

// The model beside the page with a tokenizer that puts a token before every text, as many have.
test.use({ engine: 'own' });

const FIRST = '<|endoftext|>';

async function withFirstToken(page: Page): Promise<void> {
  const json = JSON.parse(readFileSync('public/models/lenslet-mini/tokenizer.json', 'utf8'));
  const { id } = json.added_tokens.find(({ content }: { content: string }) => content === FIRST);
  json.post_processor = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: FIRST, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { [FIRST]: { id: FIRST, ids: [id], tokens: [FIRST] } },
  };
  await page.route('**/lenslet-mini/tokenizer.json', (route) => route.fulfill({ json }));
}

test('a tokenizer’s first token stands before the text, changes what is read, and a link says where it is left out', async ({
  page,
}) => {
  await withFirstToken(page);
  await open(page, short('The old man'));
  const tokens = (prependBos?: boolean) =>
    page.evaluate(async (bos) => {
      const trace = await window.lenslet!.trace('The old man', { prependBos: bos });
      const said = { texts: trace.tokens.map(({ text }) => text), values: [...trace.site(2).values.slice(-4)] };
      trace.dispose();
      return said;
    }, prependBos);
  const [whole, bare] = [await tokens(), await tokens(false)];
  expect(whole.texts).toEqual([FIRST, ...bare.texts]);
  expect(whole.values).not.toEqual(bare.values);
  const chips = page.locator('.chips [data-from]');
  const first = page.getByTestId('bos');
  await expect(first).toBeChecked();
  const count = await chips.count();
  await first.uncheck();
  await settled(page);
  await expect(chips).toHaveCount(count - 1);
  await expect(page).toHaveURL(/[#&]b=0(&|$)/);
});
