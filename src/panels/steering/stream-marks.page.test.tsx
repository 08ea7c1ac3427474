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
const rows = [[0, false] as const, [1, true] as const, [0, true] as const].map(
  ([acted, gate], token): GeneratedRow => ({
    token,
    text: 'a',
    logprob: -1,
    codes: {},
    acted,
    gates: [gate],
    change: acted,
    norm: 1,
    kl: 0,
    surprisal: 1,
    done: null,
  }),
);

async function show(edits: Edit[]): Promise<void> {
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
