import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { foreignHost, identityOf } from '../../lens/api/identity';
import type { Progress } from '../../lens/api/open';
import type { OpenRequest } from '../../lens/api/request';
import { agree, pageBefore } from '../../offline/elsewhere';
import { wantedBy } from '../../state/model/choices';
import { modelUrl } from '../../state/model/model-url';
import { amountSays, leftSays, paceSays, stageName, type Transfer } from '../../state/model/progress';
import { Failure } from '../../ui/Failure';
import { backToMini, openAgain, seePlan } from '../models/actions';
import { Mend } from '../models/Mend';
import { useBench, useView } from '../use-workbench';
import { Refused } from './Refused';

/** What stands between the page and an open model: the question, the stages, the failure. Nothing once it is open. */
export function Opening() {
  return (
    // Keeps the focus of a question that goes with its answer.
    <div tabIndex={-1}>
      <Between />
    </div>
  );
}

function Between() {
  const bench = useBench();
  const phase = useStore(bench.engine.store, (s) => s.phase);
  const request = useStore(bench.engine.store, (s) => s.request);
  const shown = useStore(bench.tracer.store, (s) => s.reading !== null);
  const models = useView((s) => s.sheet === 'models');
  // The sheet says it where it was asked for.
  if (phase === 'ready') return models ? null : <Refused />;
  if (phase === 'idle') return null;
  if (phase === 'asking' && request) return <Question request={request} />;
  // Over a page that shows something already the status line says it, and nothing moves.
  if (phase === 'loading') return shown ? null : <Stages />;
  return <Failed />;
}

function Failed() {
  const bench = useBench();
  const { phase, url, error, stages, request } = useStore(bench.engine.store, (s) => s);
  if (!error) return null;
  const kept =
    phase !== 'lost' ? 'The text is kept.' : error.message.includes('kept') ? '' : 'Text and edits are kept.';
  const left = phase === 'error' ? leftSays(stages) : '';
  const wanted = wantedBy(error);
  return (
    <section className="opening" aria-label="Model">
      {wanted && request ? (
        <Mend wanted={wanted} error={error} request={request} kept={kept} />
      ) : (
        <Failure
          error={error}
          kept={[left, kept].filter(Boolean).join(' ')}
          action={
            request === null
              ? undefined
              : actionOf(
                  error.name,
                  () => void openAgain(bench),
                  () => void bench.engine.open(request, 'wasm'),
                  () => seePlan(bench, request),
                )
          }
        />
      )}
      <p className="caption actions">
        {url !== '' && request?.model.kind === 'url' && !isMini(request) && (
          <span>
            Folder: <span className="mono">{url}</span>.
          </span>
        )}
        <OtherModels request={request} />
      </p>
    </section>
  );
}

const isMini = ({ model }: OpenRequest): boolean =>
  model.kind === 'url' && model.url === modelUrl(null, document.baseURI);

function actionOf(name: string, restart: () => void, wasm: () => void, plan: () => void) {
  if (name === 'DeviceLostError' || name === 'EngineCrashedError')
    return { label: 'Restart engine', run: restart, testId: 'restart' };
  if (name === 'WebGPUUnavailableError') return { label: 'Open on wasm', run: wasm, testId: 'restart' };
  if (name === 'AccessDeniedError') return { label: 'Give a token', run: plan, testId: 'restart' };
  return { label: name === 'AbortedError' ? 'Open again' : 'Try again', run: restart, testId: 'restart' };
}

/** Ways out of a model that cannot be opened. */
function OtherModels({ request }: { request: OpenRequest | null }) {
  const bench = useBench();
  const before = pageBefore();
  return (
    <>
      {before !== null && (
        <button type="button" data-testid="back-before" onClick={() => location.assign(before)}>
          Back to what was open
        </button>
      )}
      {!(request && isMini(request)) && (
        <button type="button" onClick={() => backToMini(bench)}>
          Open lenslet-mini instead
        </button>
      )}
      <button type="button" onClick={() => bench.view.set({ sheet: 'models' })}>
        Choose a model
      </button>
    </>
  );
}

/** Before anything is fetched from another site, or of a repository. */
function Question({ request }: { request: OpenRequest }) {
  const bench = useBench();
  const host = foreignHost(request, document.baseURI);
  const { provider } = bench.engine.store.getState();
  if (request.model.kind === 'hub') {
    return (
      <section className="opening" aria-label="Model" data-testid="ask-hub">
        <p>
          This link opens <strong className="mono">{request.model.repo}</strong>
          {host && (
            <>
              {' '}
              from <strong className="mono">{host}</strong>
            </>
          )}
          , which is not kept in this browser. Nothing is fetched before you have seen how much it is.
        </p>
        <p className="actions">
          <button type="button" data-testid="see-plan" onClick={() => seePlan(bench, request)}>
            See what it takes
          </button>
          <button type="button" onClick={() => backToMini(bench)}>
            Open lenslet-mini instead
          </button>
        </p>
      </section>
    );
  }
  return (
    <section className="opening" aria-label="Model" data-testid="ask-foreign">
      <p>
        This link opens a model from <strong className="mono">{host}</strong>, another site than this page. Its files
        would be fetched from there; the text stays in this tab.
      </p>
      <p className="caption mono">{request.model.kind === 'url' && request.model.url}</p>
      <p className="actions">
        <button
          type="button"
          onClick={() => agree(identityOf(request), () => void bench.engine.open(request, provider))}
        >
          Open {host}
        </button>
        <button type="button" onClick={() => backToMini(bench)}>
          Open lenslet-mini instead
        </button>
      </p>
    </section>
  );
}

/** The stage under way; its pace is said anew each second, also while no byte comes. */
export function usePace(stage: Progress | null, transfer: Transfer | null): string {
  const [, tick] = useState(0);
  const running = stage !== null;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return stage ? paceSays(stage, transfer, performance.now()) : '';
}

function Stages() {
  const bench = useBench();
  const stages = useStore(bench.engine.store, (s) => s.stages);
  const transfer = useStore(bench.engine.store, (s) => s.transfer);
  const recovered = useStore(bench.engine.store, (s) => s.recovered);
  const pace = usePace(stages.at(-1) ?? null, transfer);
  return (
    <section className="opening" aria-label="Opening the model" data-testid="opening">
      {recovered !== null && <p>{recovered} The model is opened again; text and edits are kept.</p>}
      <ol className="stages">
        {stages.map((stage, i) => (
          <Stage
            key={stage.stage}
            stage={stage}
            pace={i < stages.length - 1 ? '' : pace}
            done={i < stages.length - 1}
          />
        ))}
        {!stages.length && <li>Starting the engine</li>}
      </ol>
      <p className="actions">
        <button type="button" onClick={() => bench.engine.cancel()}>
          Cancel
        </button>
        {stages.some(({ stage }) => stage === 'download') && (
          <span className="caption">
            What has come is kept: stopped at any byte, by you or by the connection, it goes on from there.
          </span>
        )}
      </p>
    </section>
  );
}

const shareOf = (stage: Progress | null): number => (stage?.total ? Math.min(1, stage.loaded / stage.total) : 0);

function Stage({ stage, pace, done }: { stage: Progress; pace: string; done: boolean }) {
  const share = done ? 1 : shareOf(stage);
  return (
    <li>
      <span>{stageName(stage.stage)}</span>{' '}
      <span className="figures">
        {pace && <span className="stage-pace">{pace}</span>}
        {amountSays(stage)}
      </span>
      <span className="stage-rule">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </li>
  );
}

/** What happened to the device, once the model is open again. */
export function Recovered() {
  const bench = useBench();
  const recovered = useStore(bench.engine.store, (s) => (s.phase === 'ready' ? s.recovered : null));
  if (recovered === null) return null;
  return (
    <aside className="notices" aria-label="Notice" data-testid="recovered">
      <p>
        {recovered} The model was opened again; text and edits are kept.{' '}
        <button type="button" className="bare" onClick={() => bench.engine.dismiss('recovered')}>
          Dismiss
        </button>
      </p>
    </aside>
  );
}
