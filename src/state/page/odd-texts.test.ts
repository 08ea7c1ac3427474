import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { MOST_PROMPT } from '../../lens/exchange/chat-fields';
import { parseRecipe } from '../../lens/exchange/recipe-file';
import { parseMessages, writeMessages } from '../chat/messages-file';
import { parseLog } from '../log/file';
import { writeLog } from '../log/lines';
import { atAddress } from '../model/model-url';
import { openNotebookDb } from '../notebook/db';
import { parseNotebook } from '../notebook/format';
import { writeNotebook } from '../notebook/record';
import { fakeLens, settled } from '../testing/lens';
import { BEGIN, logged } from '../testing/log';
import { ODD_TEXTS } from '../testing/texts';
import { saidBy } from '../testing/workbench';
import { applyLink } from './link';
import { bringBack } from './notebook-runs';
import { exportRecipe, importRecipe } from './recipes';
import { createWorkbench, type Workbench } from './workbench';

/** The ways that a text goes from the page and back, each to the letter. Links and reloads have tests of their own, and
 *  the keyboard has one in a browser. */

let name = '';
let open: Workbench[] = [];
async function bench(): Promise<Workbench> {
  const made = createWorkbench(async () => fakeLens(), { pause: 0, openNotebook: () => openNotebookDb(name) });
  open.push(made);
  applyLink(made, '', 'the old man');
  await made.engine.open(atAddress('m/'), 'auto');
  await made.notebook.ready;
  await settled();
  return made;
}
beforeEach(() => {
  name = `texts ${Math.random()}`;
});
afterEach(() => {
  for (const each of open) each.dispose();
  open = [];
});

/** What a file holds once it was saved and is read. */
const saved = async (written: string): Promise<Uint8Array> => new Uint8Array(await new Blob([written]).arrayBuffer());
const held = (made: Workbench) => made.tracer.store.getState().text;

const ALL: readonly (readonly [string, string])[] = [
  ...ODD_TEXTS,
  ['as much as the page holds', '\u0000\ud83d\r'.repeat(MOST_PROMPT / 3)],
];

describe.each(ALL)('%s', (_, text) => {
  test('comes back from undo, a recipe, a kept run and its file', async () => {
    const made = await bench();
    await made.show({ text });
    made.steer(3, 12);
    await settled();

    const recipe = new TextDecoder().decode(await saved((await exportRecipe(made))!));
    const [run] = made.notebook.store.getState().runs;
    expect(run!.plan.prompt).toBe(text);
    const file = await saved(writeNotebook({ entries: [], runs: [run!] }, ''));
    expect(parseNotebook(file).runs[0]!.plan.prompt).toBe(text);
    await made.notebook.flush();

    await made.show({ text: 'another' });
    made.undo();
    await settled();
    expect(held(made)).toBe(text);

    const other = await bench();
    expect(await importRecipe(other, parseRecipe(recipe))).toBe(true);
    expect(held(other)).toBe(text);
    await other.show({ text: 'another' });
    const [kept] = other.notebook.store.getState().runs.filter(({ plan }) => plan.prompt === text);
    await bringBack(other, kept!);
    expect(held(other)).toBe(text);
    expect(saidBy(other)).toEqual([]);
  });

  test('comes back from the files of a conversation and of the log', async () => {
    const chat: Chat = { messages: [{ role: 'user', content: text }] };
    expect(parseMessages(new TextDecoder().decode(await saved(writeMessages(chat))), 'a.json')).toEqual(chat);
    const words = text.slice(0, 16_384);
    const entry = logged(0, {
      target: {
        kind: 'token',
        position: 0,
        tokenId: 1,
        token: words.slice(0, 2000),
        text: words,
        whole: true,
        span: [0, 1],
        norm: 1,
      },
    });
    const samples = entry.samples.map((sample) => ({ ...sample, text: words }));
    const all = [{ ...entry, samples }];
    expect(parseLog(await saved(writeLog(all)), 'log.jsonl', BEGIN)).toEqual(all);
  });
});
