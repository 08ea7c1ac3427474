import type { BenchOptions, Results } from './results';
import { runSuite } from './suite';

declare global {
  interface Window {
    /** Set once the page is ready; `run.mjs` and a console call it. */
    bench?: (options: BenchOptions) => Promise<Results>;
  }
}

const log = document.querySelector('#log')!;

window.bench = (options) => {
  const version = /(?:Chrome|Firefox|Version)\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? navigator.userAgent;
  return runSuite(version, options, (text) => {
    log.textContent += `${text}\n`;
    console.log(text);
  });
};
