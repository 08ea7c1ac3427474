import { beforeEach, expect, test, vi } from 'vitest';
import { TAKE_OVER } from './messages';
import { type Container, makeWay, register } from './register';
import { offline, offlineSentence } from './state';

class FakeWorker extends EventTarget {
  state: ServiceWorkerState = 'installing';
  readonly messages: unknown[] = [];
  constructor(private readonly answer = false) {
    super();
  }
  postMessage(message: unknown, [port]: MessagePort[] = []): void {
    this.messages.push(message);
    port?.postMessage(this.answer);
  }
  become(state: ServiceWorkerState): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

function container(workers: Partial<Record<'active' | 'waiting' | 'installing', FakeWorker>>, controller: FakeWorker | null = null) {
  const registration = { active: null, waiting: null, installing: null, ...workers };
  const events = new EventTarget();
  const made: Container = {
    controller,
    register: vi.fn(async () => registration),
    getRegistration: vi.fn(async () => registration),
    addEventListener: events.addEventListener.bind(events),
  };
  return { made, events };
}

const state = () => offline.getState().offline;

beforeEach(() => offline.setState({ offline: 'unsupported' }));

test('the page works offline when its worker is active, and not before', async () => {
  const worker = new FakeWorker();
  await register(container({ installing: worker }).made);
  expect(state()).toBe('installing');
  worker.become('installed');
  worker.become('activating');
  expect(state()).toBe('installing');
  worker.become('activated');
  expect(state()).toBe('ready');
  expect(offlineSentence(state())).toBe('Works offline');
});

test('a worker that could not install everything is said to be none', async () => {
  const worker = new FakeWorker();
  await register(container({ installing: worker }).made);
  worker.become('redundant');
  expect(state()).toBe('unsupported');
  expect(offlineSentence(state())).toBe('');
});

test('where a worker is there already its successor changes nothing', async () => {
  const active = new FakeWorker();
  active.state = 'activated';
  const next = new FakeWorker();
  await register(container({ active, installing: next }).made);
  expect(state()).toBe('ready');
  next.become('redundant');
  expect(state()).toBe('ready');
});

test('a browser without workers, one that blocks them and one that refuses leave the page alone', async () => {
  await register(undefined);
  await register({ ...container({}).made, register: async () => undefined });
  await register({ ...container({}).made, register: () => Promise.reject(new DOMException('no', 'SecurityError')) });
  expect(state()).toBe('unsupported');
});

test('a page that begins asks a waiting worker to take over, and goes on where it will not', async () => {
  const reload = vi.fn();
  const waiting = new FakeWorker(false);
  const { made } = container({ waiting }, new FakeWorker());
  await makeWay(reload, made, 60_000);
  expect(waiting.messages).toEqual([TAKE_OVER]);
  expect(reload).not.toHaveBeenCalled();
});

test('where it will, the page waits to be loaded anew, and not for ever', async () => {
  const reload = vi.fn();
  const { made, events } = container({ waiting: new FakeWorker(true) }, new FakeWorker());
  let gone = false;
  const way = makeWay(reload, made, 200).then(() => {
    gone = true;
  });
  await new Promise((done) => setTimeout(done, 100));
  expect(gone).toBe(false);
  events.dispatchEvent(new Event('controllerchange'));
  expect(reload).toHaveBeenCalledTimes(1);
  await way;
});

test('without a waiting worker, and on a first load, nothing is ever loaded anew', async () => {
  const reload = vi.fn();
  const settled = container({ active: new FakeWorker() }, new FakeWorker());
  await makeWay(reload, settled.made, 60_000);
  const first = container({ waiting: new FakeWorker() }, null);
  await makeWay(reload, first.made, 60_000);
  await makeWay(reload, { ...settled.made, getRegistration: () => Promise.reject(new Error('gone')) });
  for (const { events } of [settled, first]) events.dispatchEvent(new Event('controllerchange'));
  expect(reload).not.toHaveBeenCalled();
});
