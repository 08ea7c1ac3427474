/** A reporter for Vitest and for Playwright, whose hooks have different names: says of each test that it has ended to
 *  the process that started the run, and ends the run when that process is gone. Without such a process it does
 *  nothing. */
export default class Pulse {
  constructor() {
    process.once('disconnect', () => process.exit(1));
    // Listening must not keep a run that is over from ending.
    process.channel?.unref();
  }

  /** Vitest. */
  onTestCaseResult() {
    pulse();
  }

  /** Playwright. */
  onTestEnd() {
    pulse();
  }

  printsToStdio() {
    return false;
  }
}

export function pulse() {
  // A channel that is closing at this moment has nobody to tell.
  if (process.connected) process.send?.('ended', undefined, undefined, () => {});
}
