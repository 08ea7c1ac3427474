import type { Progress } from '../../lens/types';
import { agree } from '../../offline/elsewhere';
import { Failure } from '../../ui/Failure';
import { bytes } from '../../ui/format';
import { useBench, usePart } from '../bench';

const names: Record<Progress['stage'], string> = {
  config: 'Configuration',
  tokenizer: 'Tokenizer',
  weights: 'Weights',
  dictionary: 'Dictionaries',
  compile: 'Compile',
  probe: 'Probe against wasm',
};

/** What stands between the page and an open model: the question, the stages, the failure. Nothing once it is open. */
export function Opening() {
  const bench = useBench();
  const { phase, url, provider, error } = usePart(bench.engine.store, (s) => s);
  const shown = usePart(bench.tracer.store, (s) => s.reading !== null);
  if (phase === 'ready' || phase === 'idle') return null;
  if (phase === 'asking') return <Question url={url} onOpen={() => agree(url, () => void bench.engine.open(url, provider))} />;
  // Over a page that shows something already the status line says it, and nothing moves.
  if (phase === 'loading') return shown ? null : <Stages />;
  if (!error) return null;
  const kept = phase !== 'lost' ? 'The text is kept.' : error.message.includes('kept') ? '' : 'Text and edits are kept.';
  return (
    <section className="opening" aria-label="Model">
      <Failure
        error={error}
        kept={kept}
        action={
          url === ''
            ? undefined
            : actionOf(
                error.name,
                () => void bench.engine.restart(),
                () => void bench.engine.open(url, 'wasm'),
              )
        }
      />
      <OtherModel url={url} />
    </section>
  );
}

function actionOf(name: string, restart: () => void, wasm: () => void) {
  if (name === 'DeviceLostError' || name === 'EngineCrashedError') return { label: 'Restart engine', run: restart, testId: 'restart' };
  if (name === 'WebGPUUnavailableError') return { label: 'Open on wasm', run: wasm, testId: 'restart' };
  return { label: name === 'AbortedError' ? 'Open again' : 'Try again', run: restart, testId: 'restart' };
}

/** A way out of a folder that cannot be opened. */
function OtherModel({ url }: { url: string }) {
  if (!new URLSearchParams(location.search).has('model')) return null;
  return (
    <p className="caption">
      {url !== '' && (
        <>
          Folder: <span className="mono">{url}</span>.{' '}
        </>
      )}
      <a href={location.pathname + location.hash}>Open lenslet-mini instead</a>
    </p>
  );
}

function Question({ url, onOpen }: { url: string; onOpen: () => void }) {
  return (
    <section className="opening" aria-label="Model" data-testid="ask-foreign">
      <p>
        This link opens a model from <strong className="mono">{new URL(url).host}</strong>, another site than this page. Its files would be fetched from there;
        the text stays in this tab.
      </p>
      <p className="caption mono">{url}</p>
      <p className="actions">
        <button type="button" onClick={onOpen}>
          Open {new URL(url).host}
        </button>
        <a href={location.pathname + location.hash}>Open lenslet-mini instead</a>
      </p>
    </section>
  );
}

function Stages() {
  const bench = useBench();
  const stages = usePart(bench.engine.store, (s) => s.stages);
  return (
    <section className="opening" aria-label="Opening the model" data-testid="opening">
      <ol className="stages">
        {stages.map((stage, i) => (
          <Stage key={stage.stage} stage={stage} done={i < stages.length - 1} />
        ))}
        {!stages.length && <li>Starting the engine</li>}
      </ol>
      <button type="button" onClick={() => bench.engine.cancel()}>
        Cancel
      </button>
    </section>
  );
}

/** The stage under way in a line, where the page shows a text while its model is opened. */
export function OpeningLine() {
  const bench = useBench();
  const stage = usePart(bench.engine.store, (s) => (s.phase === 'loading' ? (s.stages.at(-1) ?? null) : null));
  const loading = usePart(bench.engine.store, (s) => s.phase === 'loading');
  const shown = usePart(bench.tracer.store, (s) => s.reading !== null);
  if (!loading || !shown) return null;
  return (
    <span className="opening-line figures" data-testid="opening">
      <span key={stage ? stageSays(stage) : ''} className="opening-says">
        {stage ? stageSays(stage) : 'Starting the engine'}
      </span>
      <button type="button" onClick={() => bench.engine.cancel()}>
        Cancel
      </button>
      <span className="stage-rule">
        <span style={{ width: `${shareOf(stage) * 100}%` }} />
      </span>
    </span>
  );
}

/** Parts are compiled one by one; what is loaded is counted in bytes. */
function amount({ stage, loaded, total }: Progress): string {
  if (stage === 'probe') return '';
  return stage === 'compile' ? (total > 0 ? `${loaded} of ${total} parts` : '') : bytes(loaded, total);
}

const stageSays = (stage: Progress): string => `${names[stage.stage]} ${amount(stage)}`;

const shareOf = (stage: Progress | null): number => (stage?.total ? Math.min(1, stage.loaded / stage.total) : 0);

function Stage({ stage, done }: { stage: Progress; done: boolean }) {
  const share = done ? 1 : shareOf(stage);
  return (
    <li>
      <span>{names[stage.stage]}</span> <span className="figures">{amount(stage)}</span>
      <span className="stage-rule">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </li>
  );
}
