import { durationSays } from '../state/model/progress';
import { jobOf } from '../state/page/jobs';
import type { Workbench } from '../state/page/workbench';

/** Says so after the browser has put the tab to sleep in the middle of a job. A tab that is only hidden needs no word:
 *  the engine is a worker, and worker and page speak by messages, which no browser holds back. */
export function sayAfterSleep(bench: Workbench, now = () => Date.now()): void {
  let slept: { at: number; says: string } | null = null;
  document.addEventListener('freeze', () => {
    const job = jobOf(bench);
    slept = job && { at: now(), says: job.says };
  });
  document.addEventListener('resume', () => {
    if (!slept) return;
    const { at, says } = slept;
    slept = null;
    bench.notices.say('tab', [
      `The browser put this tab to sleep for ${durationSays((now() - at) / 1000)}, in the midst of: ${says}. It goes on from there.`,
    ]);
  });
}
