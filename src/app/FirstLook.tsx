import { useEffect } from 'react';
import { useBench } from '../panels/use-workbench';
import { LOOKS } from './first-look';

/** Three sentences about what is on the page, one at a time; the region that each speaks of is marked. `step` null: not
 *  shown. */
export function FirstLook({ step, onStep }: { step: number | null; onStep: (step: number | null) => void }) {
  const bench = useBench();
  const look = step === null ? undefined : LOOKS[step];
  useEffect(() => {
    if (!look) return;
    bench.view.set({ tab: look.tab });
    document.querySelector(`.regions > .${look.region}`)?.scrollTo(0, 0);
  }, [look, bench]);
  if (step === null || !look) return null;
  const last = step === LOOKS.length - 1;
  return (
    <aside className="first-look" aria-label="First look" data-testid="first-look">
      <p aria-live="polite">
        <span className="caption figures">
          {step + 1} of {LOOKS.length}
        </span>{' '}
        <strong>{look.title}.</strong> {look.says}
      </p>
      <p className="actions">
        {!last && (
          <button type="button" className="bare" onClick={() => onStep(null)}>
            Skip
          </button>
        )}
        {step > 0 && (
          <button type="button" className="bare" onClick={() => onStep(step - 1)}>
            Back
          </button>
        )}
        {/* Always at the end: three presses at one place are the whole look. */}
        <button type="button" className="look-next" onClick={() => onStep(last ? null : step + 1)}>
          {last ? 'Done' : 'Next'}
        </button>
      </p>
    </aside>
  );
}
