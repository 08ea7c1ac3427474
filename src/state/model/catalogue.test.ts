import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSay } from '../../lens/maths/figures';
import { KNOWN, knownDictionary, knownModel, offered } from './catalogue';
import { modelDownload } from './costs';
import { lossOn } from './formats';
import { fromQuery, toQuery } from './model-url';

const PAGE = 'https://lens.example/app/open.html?hub=a/b';
const BESIDE = 'models/smollm2-135m-instruct/';

test('every offer is one that its address asks for, with a layer that its dictionary has', () => {
  for (const known of KNOWN) {
    const request = offered(known, PAGE);
    expect(knownDictionary(request.dictionary, PAGE)).toBe(known.dictionaries[0]);
    expect(known.dictionaries[0]!.layers).toContain(request.sites![0]);
    const query = toQuery(request, PAGE)!;
    expect(query).toMatch(new RegExp(`^\\?hub=${known.repo}&dictionary=(Qwen/SAE-Res-|\\./models/)`));
    expect(toQuery(fromQuery(new URLSearchParams(query), PAGE)!, PAGE)).toBe(query);
    expect(knownModel({ kind: 'hub', repo: known.repo.toUpperCase() })).toBe(known);
  }
});

test('a dictionary beside the page is that of the page where the link is opened, and no other address is', () => {
  const [known] = KNOWN as [(typeof KNOWN)[number]];
  const request = offered(known, PAGE);
  expect(request.dictionary).toEqual({ kind: 'url', url: `https://lens.example/app/${BESIDE}` });
  const other = 'https://elsewhere.example/';
  const there = fromQuery(new URLSearchParams(toQuery(request, PAGE)!), other)!;
  expect(there.dictionary).toEqual({ kind: 'url', url: other + BESIDE });
  expect(knownDictionary(there.dictionary, other)).toBe(known.dictionaries[0]);
  expect(knownDictionary(there.dictionary, PAGE)).toBeNull();
});

test('what the list says of the dictionaries beside the page is what lies there', () => {
  const folder = `public/${BESIDE}sae`;
  const layers = (JSON.parse(readFileSync(`${folder}/index.json`, 'utf8')) as string[]).map((hook) => {
    const facts = JSON.parse(readFileSync(`${folder}/${hook}/cfg.json`, 'utf8'));
    expect(facts.d_sae).toBe(KNOWN[0]!.dictionaries[0]!.width);
    return Number(hook.split('.')[1]);
  });
  expect(KNOWN[0]!.dictionaries[0]!.layers).toEqual(layers);
});

test('what formats lose is what was measured on real weights, and says nothing of 4 bits', () => {
  const [{ losses }] = JSON.parse(readFileSync('docs/real-weights.json', 'utf8')).models as [
    { losses: { format: string; nats: number; more: number; error: number; tokens: number }[] },
  ];
  const [float32, ...others] = losses;
  const measured = lossOn('', float32!.nats, Object.fromEntries(others.map((one) => [one.format, one])));
  expect(KNOWN[0]!.loss).toMatchObject({ cells: measured.cells });
  expect(KNOWN[0]!.loss!.says).toContain(` ${float32!.nats.toFixed(3)} nats`);
  expect(Object.keys(measured.cells)).toEqual(['q8', 'f16']);
  expect(KNOWN[0]!.loss!.says).toContain(`${losses[0]!.tokens.toLocaleString('en')} tokens`);
});

test('the sentence that offers SmolLM2 has the bytes that its files have', () => {
  expect(KNOWN[0]!.says).toContain(`${bytesSay(modelDownload(KNOWN[0]!.shape))} from the Hub`);
});
