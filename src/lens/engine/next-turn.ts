const channel = new MessageChannel();
const waiting: (() => void)[] = [];
// In Node an open port keeps the process alive, and an unreferenced port lets the process end while a run still waits.
// So we reference the port only while somebody waits.
const port: MessagePort & { ref?: () => void; unref?: () => void } = channel.port1;
port.onmessage = () => {
  waiting.shift()!();
  if (waiting.length === 0) port.unref?.();
};
port.unref?.();

/** Resolves on a later turn of the event loop, after waiting messages. Unlike a timer, it is not throttled when
 *  nested. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port.ref?.();
    channel.port2.postMessage(null);
  });
}
