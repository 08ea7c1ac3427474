const channel = new MessageChannel();
const waiting: (() => void)[] = [];
// In Node an open port keeps the process alive, and one without a reference lets it end under a run that waits: it is
// held while somebody waits.
const port: MessagePort & { ref?: () => void; unref?: () => void } = channel.port1;
port.onmessage = () => {
  waiting.shift()!();
  if (waiting.length === 0) port.unref?.();
};
port.unref?.();

/** Resolves on a later turn of the event loop, after messages that are waiting; unlike a timer it is not slowed down
 *  when nested. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port.ref?.();
    channel.port2.postMessage(null);
  });
}
