import { useStore } from 'zustand';
import { LIMITS, type Sampling } from '../../state/base/sampling';
import { NumberBox } from '../../ui/NumberBox';
import { Term } from '../../ui/Term';
import { usePopover } from '../../ui/use-popover';
import { useBench } from '../use-workbench';
import { StopList } from './StopList';

const SIZE = { width: 340, height: 240 };
const { min, max } = LIMITS.repetitionPenalty;

/** The options that are seldom set, over the page. */
export function MoreSampling({ set }: { set: (patch: Partial<Sampling>, stepped?: boolean) => void }) {
  const sampling = useStore(useBench().sampling, (s) => s);
  const { open, button, box } = usePopover(SIZE);
  return (
    <>
      <button type="button" data-testid="more-sampling" {...button}>
        More
      </button>
      <section {...box} className="popover more-sampling" aria-label="More of sampling">
        {open && (
          <>
            <p className="field">
              <Term id="repetition">Repetition penalty</Term>
              <NumberBox
                label="Repetition penalty"
                digits={3}
                step={0.05}
                min={min}
                max={max}
                value={sampling.repetitionPenalty ?? 1}
                onCommit={(repetitionPenalty, stepped) => set({ repetitionPenalty }, stepped)}
              />
            </p>
            <StopList stops={sampling.stop ?? []} onChange={(stop) => set({ stop })} />
          </>
        )}
      </section>
    </>
  );
}
