import { readdirSync, readFileSync } from 'node:fs';

/** What a browser's processes and its page's JavaScript hold. */

/** Resident bytes of a browser's processes now, and the most that each ever had, by kind: `renderer`, `gpu`; null where
 *  there is no /proc. The browser is the one that was started on `profile`. */
export function processMemory(/** @type {string} */ profile) {
  /** @type {string[]} */
  let pids;
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  const processes = pids.map((pid) => processOf(pid)).filter((found) => found !== null);
  const family = familyOf(processes, (one) => !one.type && one.command.includes(`--user-data-dir=${profile}`));
  const most = (/** @type {string} */ type) => {
    const of = family.filter((one) => one.type === type);
    return of.length
      ? { resident: Math.max(...of.map((one) => one.resident)), peak: Math.max(...of.map((one) => one.peak)) }
      : null;
  };
  return { renderer: most('renderer'), gpu: most('gpu-process') };
}

/** The processes that `isRoot` accepts, and all that they started.
 *  @template {{ pid: number, parent: number }} P
 *  @param {P[]} processes
 *  @param {(one: P) => boolean | undefined} isRoot */
export function familyOf(processes, isRoot) {
  const members = new Set(processes.filter(isRoot).map(({ pid }) => pid));
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const { pid, parent } of processes) if (members.has(parent)) members.add(pid);
  }
  return processes.filter(({ pid }) => members.has(pid));
}

function processOf(/** @type {string} */ pid) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (/** @type {string} */ name) =>
      1024 * Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return {
      pid: Number(pid),
      parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]),
      type: /--type=([\w-]+)/.exec(command)?.[1] ?? null,
      command,
      resident: kilobytes('VmRSS'),
      peak: kilobytes('VmHWM'),
    };
  } catch {
    return null; // it ended meanwhile
  }
}

/** Bytes of a page's and its workers' JavaScript: objects, and array buffers, the heap of WebAssembly among them. */
export async function watchHeap(/** @type {import('playwright').Page} */ page) {
  const session = await page.context().newCDPSession(page);
  /** By session: what it last said, and whether it was asked and has not answered. One that computes answers once it is
   *  through. */
  const workers = /** @type {Map<string, { bytes: number, asked: boolean }>} */ (new Map());
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.set(sessionId, { bytes: 0, asked: false });
  });
  session.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const { id, result } = JSON.parse(message);
    const worker = workers.get(sessionId);
    if (id === undefined || !worker) return;
    worker.asked = false;
    if (result) worker.bytes = bytesOf(result);
  });
  // The only way to a worker through a page's session; `flatten` would want a connection of its own.
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const message = JSON.stringify({ id: 1, method: 'Runtime.getHeapUsage' });
  return {
    /** As far as they have answered. */
    async bytes() {
      for (const [sessionId, worker] of workers) {
        if (worker.asked) continue;
        worker.asked = true;
        session.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => workers.delete(sessionId));
      }
      const page = bytesOf(await session.send('Runtime.getHeapUsage'));
      return [...workers.values()].reduce((sum, worker) => sum + worker.bytes, page);
    },
  };
}

/** @param {{ usedSize: number, embedderHeapUsedSize?: number, backingStorageSize?: number }} usage */
const bytesOf = ({ usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 }) =>
  usedSize + embedderHeapUsedSize + backingStorageSize;
