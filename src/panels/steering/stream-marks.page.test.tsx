import type { Root } from 'react-dom/client';
import { afterEach, expect, test } from 'vitest';
import '../../app/styles/index.css';
import '../tokens/tokens.css';
import './streams.css';
import type { Edit } from '../../lens/api/edit';
import type { GeneratedRow } from '../../lens/api/generate';
import { defaultSampling } from '../../state/base/sampling';
import type { Workbench } from '../../state/page/workbench';
import { tracedBench } from '../../state/testing/workbench';
import { mount } from '../testing/mount';
import { Streams } from './Streams';

/** Marks on generated tokens, as they are drawn and said. */

let root: Root;
let host: HTMLElement;
let bench: Workbench;

afterEach(() => {
  root.unmount();
  host.remove();
  bench.dispose();
});

const edit: Edit = { layer: 3, feature: 39, mode: 'add', strength: 1, when: '3:12 > 1' };
/** The first token is acted on, at the second only the gate is open; each is known of in the row behind it. */
const acted = [[0, false] as const, [1, true] as const, [0, true] as const].map(
  ([n, gate], token): GeneratedRow => ({
    token,
    text: 'a',
    logprob: -1,
    codes: {},
    acted: n,
    gates: [gate],
    change: n,
    norm: 1,
    kl: 0,
    surprisal: 1,
    done: null,
  }),
);

async function show(edits: Edit[], rows = acted): Promise<void> {
  bench = await tracedBench();
  const plan = { prompt: 'one', edits, control: true, draw: 1, sampling: defaultSampling };
  bench.runner.store.setState({ plan, streams: { baseline: rows, steered: rows, control: rows } });
  ({ host, root } = mount(bench, <Streams>{null}</Streams>));
}

const tokens = (kind: string) => [...host.querySelectorAll<HTMLElement>(`.stream-${kind} .stream-token`)];
const colourOf = (name: string) => {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  host.append(probe);
  return getComputedStyle(probe).color;
};

test('marks are blue where it is steered, and on the control in its colour and dashed', async () => {
  await show([edit]);
  expect(tokens('baseline').map((one) => one.dataset.edit)).toEqual([undefined, undefined, undefined]);
  const drawn = (kind: string) =>
    tokens(kind)
      .slice(0, 2)
      .map((one) => {
        const { backgroundImage, backgroundSize } = getComputedStyle(one);
        return { image: backgroundImage, size: backgroundSize };
      });
  const all = [...drawn('steered'), ...drawn('control')];
  expect(new Set(all.map(({ image, size }) => `${image} ${size}`)).size).toBe(4);
  const [blue, grey] = [colourOf('--intervention'), colourOf('--control')];
  expect(all.map(({ image }) => [image.includes(blue), image.includes(grey)])).toEqual([
    [true, false],
    [true, false],
    [false, true],
    [false, true],
  ]);
  expect(all[2]!.image).toContain('75%');
});

test.each([
  [1, 'the edit acted'],
  [2, 'an edit acted'],
])('of %i, a mark says: %s', async (count, says) => {
  await show(Array.from({ length: count }, () => edit));
  expect(tokens('steered').map((one) => one.getAttribute('aria-description'))).toEqual([says, 'gate open', null]);
});

test('signs that cannot be seen are drawn and named, lie in nobody’s way, and are copied as they are', async () => {
  const texts = ['one', ' \u202e', '\u200b', '\r\n', 'b\u0000', 'e\u0301', '\u0301f'];
  await show(
    [edit],
    texts.map((text) => ({ ...acted[0]!, text })),
  );
  const drawn = tokens('steered');
  expect(drawn.map((one) => one.textContent)).toEqual(texts);
  expect(drawn.map((one) => one.ariaLabel)).toEqual([
    null,
    'space right-to-left override (U+202E)',
    'zero-width space (U+200B)',
    'carriage return (U+000D) ↵',
    'b[U+0000]',
    null,
    '[U+0301]f',
  ]);
  const codes = drawn.map((one) =>
    [...one.querySelectorAll<HTMLElement>('[data-code]')].map((code) => code.dataset.code),
  );
  expect(codes).toEqual([[], ['U+202E'], ['U+200B'], ['U+000D'], ['U+0000'], [], []]);
  for (const one of drawn) expect(one.getBoundingClientRect().width).toBeGreaterThan(4);
  // The override turns nothing around that follows it.
  expect(drawn[2]!.getBoundingClientRect().left).toBeGreaterThanOrEqual(drawn[1]!.getBoundingClientRect().right - 1);
  getSelection()!.selectAllChildren(drawn[1]!);
  expect(getSelection()!.toString()).toBe(' \u202e');
});
