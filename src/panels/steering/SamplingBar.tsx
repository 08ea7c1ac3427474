import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { defaultSampling, type Sampling } from '../../state/base/sampling';
import { NumberBox } from '../../ui/NumberBox';
import { Term } from '../../ui/Term';
import { KEY_REST, useAnswered, useBench } from '../use-workbench';
import { MoreSampling } from './MoreSampling';
import { moreSays } from './more-says';

const ANSWERED = 'The last turn is the assistant’s and whole: say something next, or press Continue.';

interface Field {
  key: 'temperature' | 'topP' | 'seed' | 'maxTokens';
  name: ReactNode;
  label: string;
  digits: number;
  step: number;
  min: number;
  max: number;
}

const TEMPERATURE: Field = {
  key: 'temperature',
  name: <Term id="temperature">T</Term>,
  label: 'Temperature',
  digits: 2,
  step: 0.1,
  min: 0,
  max: 5,
};
const OTHERS: readonly Field[] = [
  { key: 'topP', name: <Term id="topp" />, label: 'Top-p', digits: 3, step: 0.05, min: 0.01, max: 1 },
  { key: 'seed', name: 'seed', label: 'Seed', digits: 0, step: 1, min: 0, max: 0xffffffff },
  { key: 'maxTokens', name: 'tokens', label: 'Tokens to generate', digits: 0, step: 8, min: 1, max: 1024 },
];

/** How texts are sampled, in sight; and the two buttons that start and stop. */
export function SamplingBar() {
  const bench = useBench();
  const sampling = useStore(bench.sampling, (s) => s);
  const set = (patch: Partial<Sampling>, stepped = false) => {
    bench.setSampling(patch);
    bench.commit(stepped ? KEY_REST : 0);
  };
  const greedy = sampling.temperature === 0;
  const more = moreSays(sampling);
  const field = ({ key, name, ...box }: Field) => (
    <span key={key} className="field">
      {name} <NumberBox {...box} value={sampling[key]} onCommit={(value, stepped) => set({ [key]: value }, stepped)} />
    </span>
  );
  return (
    <fieldset className="sampling figures">
      <legend className="hidden">Sampling</legend>
      {field(TEMPERATURE)}
      <button
        type="button"
        aria-pressed={greedy}
        onClick={() => set({ temperature: greedy ? defaultSampling.temperature : 0 })}
      >
        Greedy
      </button>
      {OTHERS.map(field)}
      <MoreSampling set={set} />
      <StartStop />
      {more && (
        <p className="caption sampling-set" title={more} data-testid="sampling-set">
          {more}
        </p>
      )}
    </fieldset>
  );
}

function StartStop() {
  const bench = useBench();
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready');
  const answered = useAnswered();
  const running = useStore(bench.runner.store, (s) => s.status === 'generating' || s.status === 'band');
  return running ? (
    <button key="stop" type="button" className="act" data-testid="stop" onClick={() => bench.stop()}>
      Stop
    </button>
  ) : (
    <button
      key="generate"
      type="button"
      className="act"
      data-testid="generate"
      disabled={!ready || answered}
      title={answered ? ANSWERED : undefined}
      onClick={() => void bench.generate()}
    >
      Generate
    </button>
  );
}
