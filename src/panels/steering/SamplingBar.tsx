import { defaultSampling } from '../../state/base/sampling';
import { NumberBox } from '../../ui/NumberBox';
import { KEY_REST, useBench, usePart } from '../bench';

/** How texts are sampled, in sight; and the two buttons that start and stop. */
export function SamplingBar() {
  const bench = useBench();
  const { temperature, topP, seed, maxTokens } = usePart(bench.sampling, (s) => s);
  const ready = usePart(bench.engine.store, (s) => s.phase === 'ready');
  const running = usePart(bench.runner.store, (s) => s.status === 'generating' || s.status === 'band');
  const set = (patch: Parameters<typeof bench.setSampling>[0], stepped = false) => {
    bench.setSampling(patch);
    bench.commit(stepped ? KEY_REST : 0);
  };
  const greedy = temperature === 0;
  return (
    <fieldset className="sampling figures">
      <legend className="hidden">Sampling</legend>
      <span className="field">
        T{' '}
        <NumberBox
          label="Temperature"
          value={temperature}
          digits={2}
          step={0.1}
          min={0}
          max={5}
          onCommit={(v, stepped) => set({ temperature: v }, stepped)}
        />
      </span>
      <button
        type="button"
        aria-pressed={greedy}
        onClick={() => set({ temperature: greedy ? defaultSampling.temperature : 0 })}
      >
        Greedy
      </button>
      <span className="field">
        top-p{' '}
        <NumberBox
          label="Top-p"
          value={topP}
          digits={3}
          step={0.05}
          min={0.01}
          max={1}
          onCommit={(v, stepped) => set({ topP: v }, stepped)}
        />
      </span>
      <span className="field">
        seed{' '}
        <NumberBox
          label="Seed"
          value={seed}
          digits={0}
          step={1}
          min={0}
          max={0xffffffff}
          onCommit={(v, stepped) => set({ seed: v }, stepped)}
        />
      </span>
      <span className="field">
        tokens{' '}
        <NumberBox
          label="Tokens to generate"
          value={maxTokens}
          digits={0}
          step={8}
          min={1}
          max={1024}
          onCommit={(v, stepped) => set({ maxTokens: v }, stepped)}
        />
      </span>
      {running ? (
        <button key="stop" type="button" className="act" data-testid="stop" onClick={() => bench.stop()}>
          Stop
        </button>
      ) : (
        <button
          key="generate"
          type="button"
          className="act"
          data-testid="generate"
          disabled={!ready}
          onClick={() => void bench.generate()}
        >
          Generate
        </button>
      )}
    </fieldset>
  );
}
