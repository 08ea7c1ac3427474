import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Chat } from './api/chat';
import type { Edit } from './api/edit';
import type { GeneratedRow } from './api/generate';
import type { Trace } from './api/trace';
import { GateTable } from './dictionary/edits';
import { prefill } from './engine/prefill';
import { openAt } from './engine/text-gates';
import type { EngineLens } from './lens';
import { controlOf } from './maths/control';
import { parseWhen } from './maths/gate';
import { latentOf } from './maths/report';
import { openLens } from './open/open';

const folder = '/models/lenslet-mini/';
const text = 'The old man looked at the river and said nothing. The river was old, and the man said so.';
const chat: Chat = {
  messages: [
    { role: 'user', content: 'Where is the river?' },
    { role: 'assistant', content: 'The river is in the north.' },
    { role: 'user', content: 'And the old man?' },
  ],
};

/** Where a gate is open over latents, by its definition; `turns`: where turns begin. */
function opened(z: ArrayLike<number>, above: number, reach: 'token' | 'turn' | number, turns: number[] = []): number[] {
  const out: number[] = [];
  for (let t = 0; t < z.length; t++) {
    const was = t > 0 && out[t - 1] === 1;
    let open = z[t]! > above;
    if (!open && was && reach === 'turn') open = !turns.includes(t);
    if (!open && was && typeof reach === 'number') open = z[t]! > reach;
    out.push(Number(open));
  }
  return out;
}

/** Where turns begin; none in a plain text. */
const turnsOf = ({ tokens }: Trace) =>
  tokens.flatMap(({ span }, t) => (span?.turn !== tokens[t - 1]?.span?.turn ? [t] : []));

interface Waits {
  layer: number;
  feature: number;
  above: number;
}

/** A feature that is active at some of the text's tokens, and a value that only some of these are above. */
async function someFeature(
  lens: EngineLens,
  layer: number,
  prompt: string | Chat,
): Promise<Waits & { z: Float32Array }> {
  const trace = await lens.trace(prompt);
  const codes = trace.site(layer);
  trace.dispose();
  for (const feature of new Set(codes.ids)) {
    const z = latentOf(codes, feature);
    const active = [...z].filter((value) => value > 0).sort((a, b) => a - b);
    if (active.length < 3 || active.length > z.length - 3 || z[0]! > 0) continue;
    // A float32 may be no number of the written form; three digits are.
    const above = Number(active[Math.floor(active.length / 2)]!.toPrecision(3));
    return { layer, feature, above, z };
  }
  throw new Error(`No feature of layer ${layer} is active at some tokens and not at others.`);
}

const written = ({ layer, feature, above }: Waits, more = '') => `${layer}:${feature} > ${above}${more}`;
const edit: Edit = { layer: 2, feature: 11, mode: 'add', strength: 60 };

async function rowsOf(lens: EngineLens, prompt: string | Chat, variants: Edit[][], maxTokens: number) {
  const out: GeneratedRow[][] = variants.map(() => []);
  for await (const { rows } of lens.generate(prompt, { variants, maxTokens, temperature: 0 }))
    for (const [i, row] of rows.entries()) if (row) out[i]!.push(row);
  return out;
}

describe('gates', () => {
  let lens: EngineLens;
  beforeAll(async () => {
    lens = (await openLens(folder, { provider: 'wasm' })) as EngineLens;
  });
  afterAll(() => lens.close());

  test('of the edit’s site and of one below, each reach: what a list of the open tokens does, to the bit', async () => {
    const plain = await lens.trace(text);
    for (const layer of [0, 2]) {
      const gate = await someFeature(lens, layer, text);
      const low = gate.above / 2;
      for (const [more, reach] of [
        ['', 'token'],
        [' in turn', 'turn'],
        [` until ${low}`, low],
      ] as const) {
        const open = opened(gate.z, gate.above, reach);
        expect(new Set(open)).toEqual(new Set([0, 1]));
        const where = open.flatMap((flag, t) => (flag ? [t] : []));
        const above: Edit = { ...edit, layer: 3, feature: 5 };
        const waiting = [edit, above].map((one) => ({ ...one, when: written(gate, more) }));
        const listed = [edit, above].map((one) => ({ ...one, where }));
        const [own, other] = [await lens.preview(plain, waiting), await lens.preview(plain, listed)];
        for (const report of own.edits) expect(Array.from(report!.open!)).toEqual(open);
        expect(own.edits.map((report) => ({ ...report, open: undefined }))).toEqual(
          other.edits.map((report) => ({ ...report, open: undefined })),
        );
        expect(own.reports).toEqual(other.reports);
        expect(own.reports.map(({ acted }) => Array.from(acted))).toEqual([open, open]);
        expect([own.kl, own.moved]).toEqual([other.kl, other.moved]);
        expect(own.kl).toBeGreaterThan(0);
      }
    }
    plain.dispose();
  });

  test('generated rows go on from the prompt’s state, each with its own gates, as their own codes say', async () => {
    const [low, own] = [await someFeature(lens, 0, text), await someFeature(lens, 2, text)];
    const gates = [
      [own, '', 'token'],
      [low, ' in turn', 'turn'],
      [own, ' until 0', 0],
    ] as const;
    const waiting = gates.map(([gate, more]): Edit[] => [{ ...edit, when: written(gate, more) }]);
    const both: Edit[] = [
      { ...edit, strength: 30, when: written(low) },
      { ...edit, feature: 12, strength: 30, where: 'generated', when: written(own, ' until 0') },
      { ...edit, feature: 13, strength: 30 },
    ];
    // Acts on nothing of the prompt, whose state it takes from the run without edits.
    const behind: Edit[] = [{ ...edit, where: 'generated', when: written(low, ' in turn') }];
    const variants = [[], ...waiting, both, controlOf(waiting[1]!, 4), behind];
    const rows = await rowsOf(lens, text, variants, 8);
    expect(rows[0]!.every((row) => row.gates === undefined)).toBe(true);
    /** The latents of the prompt, then of the tokens that the row fed. */
    const along = (row: GeneratedRow[], { layer, feature, z }: Waits & { z: Float32Array }) => [
      ...z,
      ...row.slice(1).map(({ codes }) => latentOf(codes[layer]!, feature)[0]!),
    ];
    const last = own.z.length - 1;
    for (const [i, [gate, , reach]] of gates.entries()) {
      const row = rows[i + 1]!;
      const open = opened(along(row, gate), gate.above, reach).slice(last);
      expect(
        row.map(({ gates }) => gates!.map(Number)),
        `gate ${i}`,
      ).toEqual(open.map((flag) => [flag]));
      expect(row.map(({ acted }) => acted)).toEqual(open);
    }
    const pair = rows[4]!;
    const first = opened(along(pair, low), low.above, 'token').slice(last);
    const second = opened(along(pair, own), own.above, 0).slice(last);
    expect(pair.map(({ gates }) => gates!.map(Number))).toEqual(first.map((flag, t) => [flag, second[t]]));
    // The prompt's last token is not generated: there the second does not act, whatever its gate says.
    expect(pair.map(({ acted }) => acted)).toEqual(first.map((flag, t) => flag + (t > 0 ? second[t]! : 0) + 1));
    for (const [t, control] of rows[5]!.entries()) {
      const source = rows[2]![t]!;
      expect(source.gates).toEqual([true]);
      expect(control.gates).toEqual(source.gates);
      expect(control.acted).toBe(source.acted);
      expect(Math.abs(control.change - source.change)).toBeLessThan(1e-3);
    }
    expect(rows[6]!.map(({ gates, acted }) => [gates, acted])).toEqual(rows[6]!.map((_, t) => [[true], Number(t > 0)]));
  });

  test('in turn close where a turn begins; the other ones do not know turns', async () => {
    const trace = await lens.trace(chat);
    const turns = turnsOf(trace);
    expect(turns.length).toBeGreaterThan(3);
    const gate = await someFeature(lens, 0, chat);
    const openOf = async (more: string) => {
      const { edits } = await lens.preview(trace, [{ ...edit, when: written(gate, more) }]);
      return Array.from(edits[0]!.open!);
    };
    const [inTurn, whole] = [opened(gate.z, gate.above, 'turn', turns), opened(gate.z, gate.above, 'turn')];
    expect(inTurn).not.toEqual(whole);
    expect(await openOf(' in turn')).toEqual(inTurn);
    expect(await openOf(' until 0')).toEqual(opened(gate.z, gate.above, 0));
    trace.dispose();
  });

  test('a turn that the prompt began goes on as it is generated', async () => {
    const trace = await lens.trace(chat);
    const began = trace.tokens.findIndex(({ span }) => span?.turn === chat.messages.length);
    const last = trace.tokens.length - 1;
    const codes = trace.site(0);
    trace.dispose();
    const features = [...new Set(codes.ids.subarray(began * codes.k, last * codes.k))];
    // Opened by where the turn begins, and by nothing in it from then on.
    const feature = features.find((id) => latentOf(codes, id)[last] === 0)!;
    const when = `0:${feature} > 0 in turn`;
    const [row] = await rowsOf(lens, chat, [[{ ...edit, when }]], 6);
    expect(row!.map(({ gates }) => gates)).toEqual(row!.map(() => [true]));
    expect(row!.slice(1).some(({ codes }) => latentOf(codes[0]!, feature)[0] === 0)).toBe(true);
    expect(row!.every(({ section }) => section !== undefined)).toBe(true);
  });

  test.each([
    ['a text', text],
    ['a conversation', chat],
  ])('of %s in chunks are those of the whole', async (_, prompt) => {
    const { model, sites, queue } = lens.engine;
    const gate = await someFeature(lens, 2, prompt);
    const gates = new GateTable();
    for (const more of ['', ' in turn', ' until 0']) gates.add(parseWhen(written(gate, more)));
    const trace = await lens.trace(prompt);
    const { ids, tokens } = trace.facts;
    const turns = turnsOf(trace);
    // In the conversation a turn closes what the one before it opened.
    const [inTurn, whole] = [opened(gate.z, gate.above, 'turn', turns), opened(gate.z, gate.above, 'turn')];
    expect(inTurn.join() !== whole.join()).toBe(turns.length > 0);
    await queue.run(async () => {
      for (const chunk of [1, 5, 128]) {
        const base = await prefill(model, sites, { ids, tokens, gates, chunk });
        // As edited rows run: over what is known below their edits.
        const above = { site: sites.length - 1, base };
        const over = await prefill(model, sites, { ids, tokens, gates, chunk, above });
        for (const run of [base, over]) {
          const [read] = await model.compute.read([run.flags!]);
          const flags = new Uint32Array(read!.buffer);
          for (const [column, reach] of (['token', 'turn', 0] as const).entries())
            expect(Array.from(openAt(flags, gates, column)), `chunk ${chunk}`).toEqual(
              opened(gate.z, gate.above, reach, turns),
            );
        }
        for (const run of [over, base]) run.release();
      }
    });
    trace.dispose();
  });

  test('a control does not move where the gate is closed, and by as much where it is open', async () => {
    const gate = await someFeature(lens, 0, text);
    const open = opened(gate.z, gate.above, 'token');
    const waiting: Edit[] = [{ ...edit, when: written(gate) }];
    const [source, control] = [waiting, controlOf(waiting, 9)].map((edits) => lens.trace(text, { edits }));
    const [own, random] = [(await source!).reports()[0]!, (await control!).reports()[0]!];
    expect(Array.from(random.acted)).toEqual(open);
    for (const [t, change] of random.change.entries()) {
      expect(Math.abs(change - own.change[t]!)).toBeLessThan(1e-3);
      expect(change > 0).toBe(open[t] === 1);
    }
    const series = await lens.band(text, waiting, { seeds: [9], maxTokens: 3, temperature: 0, topP: 1, seed: 1 });
    const shadowed = (await rowsOf(lens, text, [waiting, controlOf(waiting, 9)], 3))[1]!;
    for (const [t, kl] of shadowed.entries())
      expect(Math.abs(series[0]![t]! - kl.kl!)).toBeLessThan(1e-4 + 1e-3 * kl.kl!);
    for (const trace of [await source!, await control!]) trace.dispose();
  });

  test('a gate that never opens leaves the run as it was', async () => {
    const [plain, closed] = await rowsOf(lens, text, [[], [{ ...edit, when: '0:1 > 1e30' }]], 4);
    expect(closed!.map(({ token }) => token)).toEqual(plain!.map(({ token }) => token));
    for (const row of closed!) {
      expect([row.acted, row.change, row.gates]).toEqual([0, 0, [false]]);
      expect(row.kl!).toBeLessThan(1e-6);
    }
  });
});
