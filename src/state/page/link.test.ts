import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { defaultSampling } from '../base/sampling';
import { atAddress } from '../model/model-url';
import { type FakeLens, fakeLens, settled } from '../testing/lens';
import { saidBy } from '../testing/workbench';
import { applyLink, currentLink, followLink, returnTo, writtenLink } from './link';
import { createWorkbench, type Workbench } from './workbench';

let fake: FakeLens;
let bench: Workbench;

beforeEach(() => {
  fake = fakeLens();
  bench = createWorkbench(async () => fake, { pause: 0 });
});
afterEach(() => bench.dispose());

async function open(hash: string) {
  applyLink(bench, hash, 'example');
  await bench.engine.open(atAddress('m/'), 'auto');
  await settled();
}

const notices = () => saidBy(bench);

test('what a link does not name is the default, whatever stood before', async () => {
  await open('p=a&s=4&f=7&t=0&c=fvu&m=prompt&r=raw&o=1&e=3:1a1&g=0,1,2,3&k=0&d=5');
  applyLink(bench, 'p=b', 'example');
  expect(currentLink(bench)).toBe('p=b&s=3');
  expect(bench.sampling.getState()).toEqual(defaultSampling);
});

test('a link that comes while a model is open is checked against it before anything is asked of the model', async () => {
  await open('p=a');
  fake.calls.length = 0;
  applyLink(bench, 'p=a&s=99&f=999999&e=77:3a1,3:7a1', 'example');
  await settled();
  expect(bench.view.store.getState()).toMatchObject({ site: 3, feature: null });
  expect(bench.steering.store.getState().rows.map((row) => row.feature)).toEqual([7]);
  expect(notices()).toEqual(['No layer 99 in this model: layer 3 is shown.', '1 edit left out: no layer 77.']);
  expect(fake.calls.filter((call) => /77|99/.test(call))).toEqual([]);
  applyLink(bench, 'p=a', 'example');
  expect(notices()).toEqual([]);
});

test('a link clears what was said of the text before it, and speaks for itself', async () => {
  await open('p=a');
  bench.notices.say('recipe', ['Edit 3 was left out.']);
  applyLink(bench, 'p=b&e=77:3a1', 'example');
  expect(notices()).toEqual(['1 edit left out: no layer 77.']);
});

test('at the first load what is left out is said once the model is known', async () => {
  await open('p=a&f=7&e=77:3a1');
  expect(bench.view.store.getState()).toMatchObject({ site: 3, feature: 7 });
  expect(notices()).toEqual(['1 edit left out: no layer 77.']);
});

test('the example stands only where the link names no text', () => {
  const text = (hash: string) => {
    applyLink(bench, hash, 'example');
    return bench.tracer.store.getState().text;
  };
  expect([text(''), text('s=3'), text('p='), text('p=a%FFb'), text('u=%%%')]).toEqual([
    'example',
    'example',
    '',
    'a\uFFFDb',
    '',
  ]);
  expect(notices().length).toBe(1);
});

test('the link follows once the view rests', async () => {
  applyLink(bench, 'p=a', 'example');
  const written: string[] = [];
  const stop = followLink(bench, (hash) => written.push(hash), 10);
  bench.tracer.store.setState({ text: 'ab' });
  bench.tracer.store.setState({ text: 'abc' });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(written).toEqual(['p=abc']);
  bench.tracer.store.setState({ text: 'abcd' });
  stop();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(written.length).toBe(1);
});

test('a link restores the view, and the view makes the same link', async () => {
  const hash = 'p=a+b+c+d&s=4&t=2&f=7&c=fvu&e=4:7a15m,3:9k0.5x&g=0,0.95,16,48&k=0';
  await open(hash);
  expect(bench.view.store.getState()).toMatchObject({ site: 4, locked: 2, feature: 7, colour: 'fvu' });
  expect(fake.calls.filter((call) => call.startsWith('generate'))).toEqual(['generate a b c d [none 15]']);
  expect(currentLink(bench)).toBe(hash);
});

test('an earlier link’s strengths count stored maxima: no notice, no step of undo, and the link of today', async () => {
  await open('p=a+b+c+d&s=4&e=4:7a1.5,3:9t10');
  expect(bench.steering.store.getState().rows).toMatchObject([
    { strength: 15, unit: 'max' },
    { strength: 100, unit: 'max' },
  ]);
  expect(notices()).toEqual([]);
  expect(bench.history.undo()).toBeNull();
  expect(currentLink(bench)).toContain('&e=4:7a15m,3:9t100m');
});

test('where no maximum is stored they are what they were before anything was seen, which is said once', async () => {
  Object.assign(fake, { info: { ...fake.info, sites: fake.info.sites.map((site) => ({ ...site, maximum: null })) } });
  // 3:10 is active in the text, at 2.
  await open('p=a+b+c+d&s=3&e=3:10a3');
  expect(fake.calls.filter((call) => call.startsWith('generate'))).toEqual(['generate a b c d [none 3 3]']);
  expect(notices()).toEqual([
    'Of 3:10 no maximum is stored: the link’s strength, which counts maxima, is taken as activation.',
  ]);
  const now = currentLink(bench);
  expect(now).toContain('&e=3:10a3r');
  applyLink(bench, now, 'example');
  expect(bench.steering.store.getState().rows).toMatchObject([{ strength: 3, unit: 'raw' }]);
  expect(notices()).toEqual([]);
});

test('what a link asks for and the model does not have is dropped', async () => {
  await open('s=9&t=99&f=7&e=3:51a1,4:2a1');
  expect(bench.view.store.getState()).toMatchObject({ site: 3, locked: null, feature: null });
  expect(bench.steering.store.getState().rows.map((r) => `${r.layer}:${r.feature}`)).toEqual(['4:2']);
});

test('a conversation is carried by the link, with its begun answer’s tokens, and the text beside it', async () => {
  await open('p=a');
  const chat: Chat = {
    messages: [
      { role: 'system', content: 'Be brief. 简短。' },
      { role: 'user', content: 'How many?' },
      { role: 'assistant', content: 'one' },
    ],
    open: true,
    ids: [7, 8],
    thinking: true,
    template: 'tools',
  };
  await bench.show({ chat });
  const hash = currentLink(bench);
  expect(hash).toMatch(/^p=a&y=[\w-]+&/);
  applyLink(bench, 'p=b', 'example');
  expect(bench.tracer.store.getState().chat).toBeNull();
  applyLink(bench, hash, 'example');
  expect(bench.tracer.store.getState()).toMatchObject({ text: 'a', chat });
  expect(notices()).toEqual([]);
  // In another model the tokens would be others.
  applyLink(bench, writtenLink(bench), 'example');
  expect(bench.tracer.store.getState().chat).toEqual({ ...chat, ids: undefined });
});

test('Back brings a whole conversation where a link has a part of it, and says nothing of the part', async () => {
  await open('p=a');
  const chat: Chat = { messages: [1, 2, 3].map((n) => ({ role: 'user', content: `${n}`.repeat(4000) })) };
  await bench.show({ chat });
  const hash = currentLink(bench);
  await bench.show({ text: 'b' });
  expect(returnTo(bench, hash, { chat })).toBe(true);
  expect(bench.tracer.store.getState().chat).toEqual(chat);
  expect(notices()).toEqual([]);
  expect(returnTo(bench, hash, { chat })).toBe(false);
});
