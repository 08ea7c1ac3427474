import { serious } from './axe';
import { figuresHold } from './figures';
import { expect, open, ran, test } from './page';

const MESSAGES = [
  ['s', 'You tell short stories.'],
  ['u', 'Who looked at the sea?'],
  ['a', 'The old man looked at the sea. He was happy.'],
  ['u', 'And then?'],
] as const;
/** Temperature, top-p, seed, length: the gate opens within this answer. */
const SAMPLING = [0.7, 0.95, 6, 8] as const;
const link = (more: string) =>
  `#y=${Buffer.from(JSON.stringify({ m: MESSAGES })).toString('base64url')}&s=3&g=${SAMPLING}${more}`;

test('a conversation is read by its turns, and an edit says and shows where and when it acts in it', async ({
  page,
}) => {
  await open(page, link('&i=assistant&f=650&e=3:650a1~assistant.answer!3:650%3E0.5inturn'));
  const groups = page.getByRole('listbox', { name: 'Tokens' }).getByRole('group');
  await expect(groups).toHaveCount(5);
  expect(await groups.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))).toEqual([
    'turn 0, system',
    'turn 1, user',
    'turn 2, assistant',
    'turn 3, user',
    'next turn, assistant',
  ]);
  // What is in scope is what the assistant said, and figures are over that.
  const said = groups.nth(2).locator('.chip:not(.chip-template)');
  const n = await said.count();
  await expect(page.getByTestId('cut')).toContainText('in the assistant’s turns, template left out');
  await expect(page.getByTestId('readout')).toContainText(`the assistant’s turns, n ${n} · 3:650 max`);
  await expect(page.getByTestId('acts')).toHaveText(
    'the assistant’s answers, from where 3:650 is above 0.50 to the end of the turn.',
  );

  // The marks are the engine's: from the first token where the feature is above the value, to the turn's end.
  const marked = await page.evaluate(async (messages) => {
    const { lenslet: lens } = window;
    const roles = { s: 'system', u: 'user', a: 'assistant' } as const;
    const chat = { messages: messages.map(([letter, content]) => ({ role: roles[letter], content })) };
    const trace = await lens!.trace(chat);
    const values = await lens!.activations(trace, 3, 650);
    const turn = trace.tokens.filter(({ span }) => span?.turn === 2);
    const from = turn.find(({ position }) => values[position]! > 0.5)!.position;
    const open = turn.filter(({ position }) => position >= from);
    trace.dispose();
    const of = (section: boolean) =>
      open.filter(({ span }) => (span!.section === 'content') === section).map(({ position }) => position);
    return { acted: of(true), open: of(false) };
  }, MESSAGES);
  expect(marked.acted.length).toBeGreaterThan(0);
  const drawn = (mark: string) =>
    page
      .locator(`.chip[data-edit="${mark}"]`)
      .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset.from)));
  await expect.poll(() => drawn('acted')).toEqual(marked.acted);
  expect(await drawn('open')).toEqual(marked.open);
  await expect(page.getByTestId('changes')).toContainText(
    `Prompt: ${marked.acted.length} of ${await page.locator('.chip').count()} tokens`,
  );

  // A run marks the tokens that it generated, and says of one what was done at it.
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await ran(page);
  const stream = page.getByTestId('run-steered');
  const acted = await page.evaluate(
    async ([messages, sampling]) => {
      const { lenslet: lens } = window;
      const roles = { s: 'system', u: 'user', a: 'assistant' } as const;
      const chat = { messages: messages.map(([letter, content]) => ({ role: roles[letter], content })) };
      const edit = lens!.steer({ layer: 3, feature: 650, weight: 1 });
      const variants = [[{ ...edit, where: 'assistant.answer', when: '3:650 > 0.5 in turn' }]];
      const [temperature, topP, seed, maxTokens] = sampling;
      const acts: boolean[] = [];
      for await (const { rows } of lens!.generate(chat, { variants, temperature, topP, seed, maxTokens }))
        if (rows[0]) acts.push(rows[0].acted > 0);
      return acts;
    },
    [MESSAGES, SAMPLING] as const,
  );
  // The model reads a token one step after it is written: the next row knows what was done at it.
  const at = acted.slice(1);
  expect(at).toContain(true);
  expect(at).toContain(false);
  const marks = await stream
    .locator('[data-i]')
    .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.edit === 'acted'));
  expect(marks).toEqual([...at, false]);
  for (const i of [at.indexOf(false), at.indexOf(true)]) {
    await stream.locator(`[data-i="${i}"]`).hover();
    await expect(page.getByTestId('step')).toContainText(at[i] ? '1 edit acts here' : 'no edit acts here');
  }
  expect(await page.getByTestId('run-baseline').locator('[data-edit]').count()).toBe(0);
  await figuresHold(page);
  expect(await serious(page)).toEqual([]);

  // A gate that is read too late is refused before it is run; what stands is in the address.
  const feature = page.getByLabel('Feature that the gate of 3:650 reads');
  await feature.fill('4:1');
  await feature.press('Enter');
  await expect(page.getByRole('alert')).toContainText('computes after layer 3');
  await feature.fill('3:651');
  await feature.press('Enter');
  await expect(page.getByTestId('acts')).toContainText('3:651 is above');
  await expect(page).toHaveURL(/&i=assistant&e=3:650a[\d.]+m~assistant\.answer!3:651%3E0\.5inturn/);

  // Two turns against each other.
  await page.getByTestId('list').getByText('Contrast').click();
  await page.getByText('turns', { exact: true }).click();
  await page.getByTestId('span-a').selectOption('turn1');
  await expect(page.getByTestId('contrast')).toContainText(`and ${n} tokens`);
  await figuresHold(page);
});
