import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Chat, Prompt } from './api/chat';
import type { Edit } from './api/edit';
import { ChatTemplateError, InvalidOptionError } from './api/errors';
import type { GeneratedRow, GenerateOptions } from './api/generate';
import { Batch } from './engine/batch';
import { CandidateReader } from './engine/candidates';
import { withScope } from './engine/scope';
import { setUp } from './engine/setup';
import { TextFacts } from './engine/text-facts';
import type { EngineLens } from './lens';
import { controlOf } from './maths/control';
import { openLens } from './open/open';

const prompt = 'The old man looked at the';
const edit: Edit = { layer: 2, feature: 11, mode: 'add', strength: 60 };

let lens: EngineLens;
beforeAll(async () => {
  lens = (await openLens('/models/lenslet-mini/', { provider: 'wasm' })) as EngineLens;
});
afterAll(() => lens.close());

/** The rows of every variant, each as far as it goes. */
async function rowsOf(options: GenerateOptions, of: Prompt = prompt): Promise<GeneratedRow[][]> {
  const out: GeneratedRow[][] = (options.variants ?? [[]]).map(() => []);
  for await (const { rows } of lens.generate(of, options))
    for (const [i, row] of rows.entries()) if (row) out[i]!.push(row);
  return out;
}

const textOf = (rows: readonly GeneratedRow[]) => rows.map(({ text }) => text).join('');

/** Runs with the logits cut to the largest, as they are of a large vocabulary. */
async function cut<T>(run: () => Promise<T>): Promise<T> {
  const { engine } = lens;
  const whole = engine.wholeRow;
  engine.wholeRow = 0;
  return run().finally(() => {
    engine.wholeRow = whole;
  });
}

test('a row ends at the token that completes a stop sequence, its text before is the same, and the others go on', async () => {
  const options = { variants: [[], [edit], controlOf([edit], 3)], maxTokens: 12, seed: 16 };
  const [base, steered, control] = await rowsOf(options);
  const [kept, ...others] = [base!, steered!, control!];
  const stop = textOf(kept.slice(2, 4)).slice(1);
  const [stopped, ...rest] = await rowsOf({ ...options, stop: ['never in it', stop] });
  expect(stopped!.map(({ token }) => token)).toEqual(kept.slice(0, stopped!.length).map(({ token }) => token));
  expect(stopped!.at(-1)!.done).toBe('sequence');
  expect(textOf(stopped!)).toContain(stop);
  expect(textOf(stopped!.slice(0, -1))).not.toContain(stop);
  for (const [i, rows] of rest.entries())
    if (!textOf(others[i]!).includes(stop))
      expect(rows.map(({ token }) => token)).toEqual(others[i]!.map((r) => r.token));
});

test('controls end with the source that a stop sequence ends, shown or not, and the band with them', async () => {
  const sampling = { maxTokens: 8, temperature: 0.7, topP: 0.95, seed: 16 };
  const [steered] = await rowsOf({ variants: [[edit]], ...sampling });
  const stop = [textOf(steered!.slice(3, 5)).slice(-3)];
  const [source, control] = await rowsOf({ variants: [[edit], controlOf([edit], 7)], ...sampling, stop });
  expect(source!.at(-1)!.done).toBe('sequence');
  expect(control!.length).toBeLessThanOrEqual(source!.length);
  if (control!.length === source!.length) expect(control!.at(-1)!.done).toMatch(/source|sequence/);
  const [alone] = await rowsOf({ variants: [controlOf([edit], 7)], ...sampling, stop });
  expect(alone!.map(({ token }) => token)).toEqual(control!.map(({ token }) => token));
  const [series] = await lens.band(prompt, [edit], { seeds: [7], ...sampling, stop });
  expect(series).toHaveLength(control!.length);
});

test('with a repetition penalty each token is the likeliest after it, over prompt and text, and log p is without it', async () => {
  const penalty = 1.8;
  const greedy = { maxTokens: 6, temperature: 0, repetitionPenalty: penalty };
  const [rows] = await rowsOf(greedy);
  const [plain] = await rowsOf({ ...greedy, repetitionPenalty: undefined });
  expect(rows!.map(({ token }) => token)).not.toEqual(plain!.map(({ token }) => token));
  const trace = await lens.trace(prompt + textOf(rows!));
  const ids = trace.tokens.map(({ id }) => id);
  const from = ids.length - rows!.length;
  // The sign of a logit counts, which log p does not have.
  for (const [i, row] of rows!.entries()) {
    const logits = await logitsAt(ids.slice(0, from + i));
    for (const id of new Set(ids.slice(0, from + i)))
      logits[id] = logits[id]! < 0 ? logits[id]! * penalty : logits[id]! / penalty;
    expect(row.token).toBe(logits.indexOf(logits.reduce((most, x) => Math.max(most, x))));
    const top = await trace.top(from + i - 1, 1024);
    const own = top.find(({ id }) => id === row.token);
    if (own) expect(Math.abs(own.logprob - row.logprob)).toBeLessThan(1e-3);
  }
  trace.dispose();
  expect(await cut(() => rowsOf(greedy)).then(([one]) => one!.map(({ token }) => token))).toEqual(
    rows!.map(({ token }) => token),
  );
});

/** The logits behind the last of these tokens. */
async function logitsAt(ids: number[]): Promise<Float32Array> {
  const { model, sites, queue } = lens.engine;
  const setup = setUp([[]], sites, model.config.d);
  return queue.run(() =>
    withScope(model.compute, async (scope) => {
      const batch = new Batch(scope, model, sites, setup, setup.specs, ids.length + 1);
      await batch.start(new TextFacts({ ids }, lens.engine.tokenizer));
      return Float32Array.from((await model.compute.read([batch.logits]))[0]!);
    }),
  );
}

test('the band is drawn with the penalty of its run', async () => {
  const options = { maxTokens: 5, temperature: 0.7, topP: 0.95, seed: 16, repetitionPenalty: 1.8 };
  const [series] = await lens.band(prompt, [edit], { seeds: [7], ...options });
  const [, control] = await rowsOf({ variants: [[edit], controlOf([edit], 7)], ...options });
  expect(series).toHaveLength(control!.length);
  for (const [t, { kl }] of control!.entries()) expect(Math.abs(series![t]! - kl!)).toBeLessThan(1e-4 + 1e-3 * kl!);
});

test('alternatives are the likeliest tokens of each row at T = 1, whatever the sampling, and change no draw', async () => {
  const options = { variants: [[], [edit]], maxTokens: 4, temperature: 1.5, repetitionPenalty: 1.5, seed: 3 };
  const plain = await rowsOf(options);
  const listed = await rowsOf({ ...options, alternatives: 5 });
  expect(plain.flat().every((row) => row.alternatives === undefined)).toBe(true);
  for (const [v, rows] of listed.entries()) {
    expect(rows.map(({ token }) => token)).toEqual(plain[v]!.map(({ token }) => token));
    const trace = await lens.trace(prompt + textOf(rows), { edits: options.variants[v] });
    const from = trace.tokens.length - rows.length;
    for (const [i, { alternatives, token, logprob }] of rows.entries()) {
      const top = await trace.top(from + i - 1, 5);
      expect(alternatives!.map(({ id, text }) => ({ id, text }))).toEqual(top.map(({ id, text }) => ({ id, text })));
      for (const [j, one] of alternatives!.entries())
        expect(Math.abs(one.logprob - top[j]!.logprob)).toBeLessThan(1e-3);
      const own = alternatives!.find(({ id }) => id === token);
      if (own) expect(own.logprob).toBeCloseTo(logprob, 5);
    }
    trace.dispose();
  }
  // Of the cut logits the sampler sees another nucleus, but the likeliest are the same.
  const greedy = { ...options, temperature: 0, alternatives: 5 };
  const ids = (all: GeneratedRow[][]) => all.flat().map((row) => row.alternatives!.map(({ id }) => id));
  expect(ids(await cut(() => rowsOf(greedy)))).toEqual(ids(await rowsOf(greedy)));
});

test('the candidates of a row are taken once a step, a shadow’s too', async () => {
  const row = vi.spyOn(CandidateReader.prototype, 'row');
  const [base, steered] = await rowsOf({ variants: [[], [edit]], maxTokens: 3, alternatives: 5 });
  const taken = row.mock.calls.map(([, row, position]) => `${position} ${row}`);
  row.mockRestore();
  // Both variants and the steered one's shadow.
  expect(taken).toHaveLength(base!.length + 2 * steered!.length);
  expect(new Set(taken).size).toBe(taken.length);
});

test('what cannot be is refused by name', async () => {
  for (const bad of [
    { alternatives: 51 },
    { alternatives: -1 },
    { alternatives: 1.5 },
    { stop: [''] },
    { stop: 5 },
    { stop: {} },
    { stop: 'end' },
    { stop: null },
    { repetitionPenalty: 0 },
  ])
    await expect(rowsOf({ maxTokens: 1, ...bad } as GenerateOptions)).rejects.toThrow(InvalidOptionError);
  const chat = {
    messages: [
      { role: 'user' as const, content: 'Hi' },
      { role: 'assistant' as const, content: 'Hello.' },
    ],
  };
  const whole = /last turn is the assistant’s and is whole/;
  await expect(lens.generate(chat)[Symbol.asyncIterator]().next()).rejects.toThrow(whole);
  const options = { seeds: [1], maxTokens: 2, temperature: 0, topP: 1, seed: 1 };
  await expect(lens.band(chat, [edit], options)).rejects.toThrow(whole);
  await expect(lens.band(prompt, [edit], { ...options, stop: [''] })).rejects.toThrow(InvalidOptionError);
  expect((await lens.trace(chat)).tokens.length).toBeGreaterThan(4);
  for (const none of [{}, null] as never[]) {
    await expect(lens.generate(none)[Symbol.asyncIterator]().next()).rejects.toThrow(ChatTemplateError);
    await expect(lens.band(none, [edit], options)).rejects.toThrow(ChatTemplateError);
  }
});

test('tokens that are not the begun content are told apart by tokenize, and never run', async () => {
  const ids = (await lens.tokenize('I agree.')).map(({ id }) => id);
  const chat: Chat = {
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'I refuse.' },
    ],
    open: true,
    ids,
  };
  const spell = /spell “I agree.”, its content is “I refuse.”/;
  const options = { seeds: [1], maxTokens: 2, temperature: 0, topP: 1, seed: 1 };
  expect((await lens.tokenize(chat)).slice(-ids.length).map(({ id }) => id)).toEqual(ids);
  await expect(lens.trace(chat)).rejects.toThrow(spell);
  await expect(lens.generate(chat)[Symbol.asyncIterator]().next()).rejects.toThrow(spell);
  await expect(lens.band(chat, [edit], options)).rejects.toThrow(spell);
});

const question: Chat = { messages: [{ role: 'user', content: 'What is 23 × 7?' }] };
const [DOCUMENT_END, TURN_END] = [8168, 8170];

/** Runs as a model whose files name these end tokens. */
async function ending<T>(eos: number[], run: () => Promise<T>): Promise<T> {
  const config = lens.engine.model.config as { eos: number[] };
  const own = config.eos;
  config.eos = eos;
  return run().finally(() => {
    config.eos = own;
  });
}

test('an answer ends at its template’s end of turn, whatever end tokens the model’s files name', async () => {
  const greedy = { temperature: 0, maxTokens: 16 };
  for (const eos of [[DOCUMENT_END, TURN_END], [TURN_END], [DOCUMENT_END], []])
    await ending(eos, async () => {
      const [rows] = await rowsOf(greedy, question);
      expect(textOf(rows!), `eos ${eos}`).toBe('23 × 7 = 161');
      expect(rows!.at(-1)).toMatchObject({ token: TURN_END, text: '', done: 'stop' });
      const [turn] = await rowsOf({ ...greedy, chat: true }, 'What is 23 × 7?');
      expect(turn!.map(({ token }) => token)).toEqual(rows!.map(({ token }) => token));
    });
});

test('a plain text ends only at the end tokens of the model’s files', async () => {
  const { text } = await lens.trace(question);
  const greedy = { temperature: 0, maxTokens: 16 };
  const [asBefore] = await rowsOf(greedy, text);
  expect(asBefore!.at(-1)).toMatchObject({ token: TURN_END, done: 'stop' });
  const [longer] = await ending([DOCUMENT_END], () => rowsOf(greedy, text));
  expect(longer!.slice(0, asBefore!.length).map(({ token }) => token)).toEqual(asBefore!.map(({ token }) => token));
  expect(longer!.length).toBeGreaterThan(asBefore!.length);
  expect(textOf(longer!)).toContain('<|im_end|>');
});

test('an answer goes on from its exact tokens as it would have without a break', async () => {
  const greedy = { temperature: 0, maxTokens: 10 };
  const user = { role: 'user' as const, content: '孔明曰：' };
  const begun = (content: string, ids: number[]): Chat => ({
    messages: [user, { role: 'assistant', content }],
    open: true,
    ids,
  });
  const before = (await lens.tokenize({ messages: [user] })).map(({ id }) => id);
  // Begun within a character of several tokens, which no text can be.
  const split = (await lens.tokenize('龘')).slice(0, -1).map(({ id }) => id);
  expect(split.length).toBeGreaterThan(0);
  const [whole] = await rowsOf(greedy, begun('', split));
  const tokens = whole!.map(({ token }) => token);
  expect(whole![0]!.text).toMatch(/^\p{Script=Han}/u);
  for (let m = 0; m < tokens.length; m++) {
    const content = textOf(whole!.slice(0, m));
    const chat = begun(content, [...split, ...tokens.slice(0, m)]);
    expect((await lens.tokenize(chat)).map(({ id }) => id)).toEqual([...before, ...split, ...tokens.slice(0, m)]);
    const [rest] = await rowsOf({ ...greedy, maxTokens: 10 - m }, chat);
    expect(rest!.map(({ token }) => token)).toEqual(tokens.slice(m));
    expect(content + textOf(rest!)).toBe(textOf(whole!));
  }
  // An end token within a character has no text: what there is of the character is none.
  const [ended] = await ending([tokens[0]!], () => rowsOf(greedy, begun('', split)));
  expect(ended!.map(({ text, done }) => [text, done])).toEqual([['', 'stop']]);
});
