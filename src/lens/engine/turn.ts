const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()!();
// In Node an open port keeps the process alive.
(channel.port1 as { unref?: () => void }).unref?.();

/** Resolves on a later turn of the event loop, after messages that are waiting; unlike a timer it is not slowed down when nested. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
