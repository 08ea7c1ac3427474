import { beforeEach, expect, test } from 'vitest';
import { bytesOf, bytesSay } from '../lens/maths/figures';
import type { AskedFile } from './asked';
import type { PageAsks, WorkerSays } from './messages';
import { type Container, register } from './register';
import { offline, offlineSentence } from './state';

class FakeWorker extends EventTarget {
  /** The large files that it says it knows. */
  files: AskedFile[] = [];
  constructor(public state: ServiceWorkerState = 'installing') {
    super();
  }
  postMessage(asks: PageAsks, [port]: MessagePort[]): void {
    if (asks.about === 'list') port!.postMessage({ files: this.files } satisfies WorkerSays);
  }
}

class FakeRegistration extends EventTarget {
  active: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  installing: FakeWorker | null = null;

  /** Moves the installing worker to another state, as a browser does. */
  move(state: ServiceWorkerState): void {
    const worker = (this.installing ?? this.waiting ?? this.active)!;
    worker.state = state;
    this.installing = state === 'installing' ? worker : null;
    this.waiting = state === 'installed' ? worker : null;
    if (state === 'activating' || state === 'activated') this.active = worker;
    worker.dispatchEvent(new Event('statechange'));
  }

  find(): void {
    this.installing = new FakeWorker();
    this.dispatchEvent(new Event('updatefound'));
  }
}

const registering = (register: Container['register']): Container => ({ register, addEventListener: () => {} });
const container = (registration: FakeRegistration): Container => registering(async () => registration);
const sentence = () => offlineSentence(offline.getState(), bytesSay, bytesOf);
const state = () => {
  const { offline: kept, newer } = offline.getState();
  return { offline: kept, newer };
};

beforeEach(() => offline.setState({ offline: 'unsupported', newer: false, left: null, storing: null, failed: false }));

test('the page works offline when its worker is active, and not before', async () => {
  const registration = new FakeRegistration();
  registration.installing = new FakeWorker();
  await register(container(registration));
  expect(offline.getState().offline).toBe('installing');
  for (const next of ['installed', 'activating'] as const) {
    registration.move(next);
    expect(state()).toEqual({ offline: 'installing', newer: false });
  }
  registration.move('activated');
  expect(state()).toEqual({ offline: 'ready', newer: false });
  expect(sentence()).toBe('Works offline');
});

test('a page that meets its worker just before it is active follows it', async () => {
  const registration = new FakeRegistration();
  registration.active = new FakeWorker('activating');
  await register(container(registration));
  expect(offline.getState().offline).toBe('installing');
  registration.move('activated');
  expect(offline.getState().offline).toBe('ready');
});

test('a worker that could not install everything is said to be none', async () => {
  const registration = new FakeRegistration();
  registration.installing = new FakeWorker();
  await register(container(registration));
  registration.move('redundant');
  expect(offline.getState().offline).toBe('unsupported');
  expect(sentence()).toBe('');
});

test('a newer deploy is said when it is whole, and its failure changes nothing', async () => {
  const registration = new FakeRegistration();
  registration.active = new FakeWorker('activated');
  await register(container(registration));
  registration.find();
  expect(state()).toEqual({ offline: 'ready', newer: false });
  registration.move('redundant');
  expect(state()).toEqual({ offline: 'ready', newer: false });
  registration.find();
  registration.move('installed');
  expect(state()).toEqual({ offline: 'ready', newer: true });
  expect(sentence()).toBe('Newer version waits');
});

test('a browser without workers, one that blocks them and one that refuses leave the page alone', async () => {
  await register(undefined);
  await register(registering(async () => undefined));
  await register(registering(() => Promise.reject(new DOMException('no', 'SecurityError'))));
  expect(state()).toEqual({ offline: 'unsupported', newer: false });
});

test('what is not kept yet is named, until it is', async () => {
  const registration = new FakeRegistration();
  registration.active = new FakeWorker('activated');
  registration.active.files = [
    { address: 'a', bytes: 13.6e6, kept: false },
    { address: 'b', bytes: 10.7e6, kept: false },
    { address: 'c', bytes: 5e6, kept: true },
  ];
  await register(container(registration));
  await expect.poll(sentence).toBe('Works offline, but for the verbalizer (24.3 MB)');
  offline.setState({ storing: { loaded: 3.1e6, total: 24.3e6 } });
  expect(sentence()).toBe('Storing the verbalizer: 3.1 of 24.3 MB');
  offline.setState({ storing: null, left: 0 });
  expect(sentence()).toBe('Works offline');
});
