import { beforeEach, expect, test } from 'vitest';
import { type Container, register } from './register';
import { offline, offlineSentence } from './state';

class FakeWorker extends EventTarget {
  constructor(public state: ServiceWorkerState = 'installing') {
    super();
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

const container = (registration: FakeRegistration): Container => ({ register: async () => registration });
const sentence = () => offlineSentence(offline.getState().offline, offline.getState().newer);

beforeEach(() => offline.setState({ offline: 'unsupported', newer: false }));

test('the page works offline when its worker is active, and not before', async () => {
  const registration = new FakeRegistration();
  registration.installing = new FakeWorker();
  await register(container(registration));
  expect(offline.getState().offline).toBe('installing');
  for (const state of ['installed', 'activating'] as const) {
    registration.move(state);
    expect(offline.getState()).toEqual({ offline: 'installing', newer: false });
  }
  registration.move('activated');
  expect(offline.getState()).toEqual({ offline: 'ready', newer: false });
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
  expect(offline.getState()).toEqual({ offline: 'ready', newer: false });
  registration.move('redundant');
  expect(offline.getState()).toEqual({ offline: 'ready', newer: false });
  registration.find();
  registration.move('installed');
  expect(offline.getState()).toEqual({ offline: 'ready', newer: true });
  expect(sentence()).toBe('Newer version waits');
});

test('a browser without workers, one that blocks them and one that refuses leave the page alone', async () => {
  await register(undefined);
  await register({ register: async () => undefined });
  await register({ register: () => Promise.reject(new DOMException('no', 'SecurityError')) });
  expect(offline.getState()).toEqual({ offline: 'unsupported', newer: false });
});
