import { useEffect, useId, useState } from 'react';
import { useStore } from 'zustand';
import { foreignHost, identityOf } from '../../lens/api/identity';
import type { DictionaryFormat, WeightFormat } from '../../lens/api/model';
import type { ModelRef, OpenRequest } from '../../lens/api/request';
import { bytesSay, count, counted } from '../../lens/maths/figures';
import { defaultFormat, encodedBytes, isSmall, parameterCount, tokenParameters } from '../../lens/sizes';
import { pageKind } from '../../offline/elsewhere';
import { assess, type Finding, type Machine, onWasm, possible } from '../../state/model/capability';
import { type Known, type KnownDictionary, knownDictionary, knownModel, type Shape } from '../../state/model/catalogue';
import { wantedBy } from '../../state/model/choices';
import { type Costs, costsOf, statedContext } from '../../state/model/costs';
import { type FormatLoss, MINI_LOSS } from '../../state/model/formats';
import { dictionaryPlaceOf, hereOf, isLayerKept, storedLayers, storedRequest } from '../../state/model/models';
import { nsHere, openingOf, wasmNeed } from '../../state/model/wasm-time';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { Refused } from '../status/Refused';
import { Trying } from '../status/Trying';
import { useBench } from '../use-workbench';
import { needsNetwork, openRequest, pairHost } from './actions';
import { FolderChoices } from './FolderChoices';
import { planFolder, readChosen } from './folder';
import { confirmSays } from './model-words';
import { PlanDictionary } from './PlanDictionary';
import { PlanVerbalizer } from './PlanVerbalizer';
import { pickedConfig } from './picked-config';
import type { PlanChange } from './plan-change';

const FORMATS: readonly WeightFormat[] = ['q4', 'q8', 'f16'];

/** What a model takes, whether this machine can, and what will be fetched: all of it before a byte is. */
export function OpenPlan({ asked, machine }: { asked: OpenRequest; machine: Machine | null }) {
  const bench = useBench();
  const [request, setRequest] = useState(asked);
  // What is picked may be read long after: it is put into the request as it is then.
  useEffect(() => {
    const { refused } = bench.engine.store.getState();
    if (refused && identityOf(refused.request) !== identityOf(asked)) bench.engine.dismiss('refused');
  }, [bench, asked]);
  const change = (patch: PlanChange) => {
    // Why another request was refused says nothing of this one.
    bench.engine.dismiss('refused');
    setRequest((now) => ({ ...now, ...(typeof patch === 'function' ? patch(now) : patch) }));
  };
  const { model, dictionaryFormat = 'f16' } = request;
  const known = knownModel(model);
  const dictionary = knownDictionary(request.dictionary, document.baseURI);
  const { shape, small, wasm, format, kept, layers, findings, able, host, fetchSays } = usePlan(request, machine);
  const leaves = pageKind() === 'strict' && needsNetwork(bench, request);
  const folder = useStore(bench.models.store, (s) => s.folder);
  const trying = useStore(bench.engine.store, (s) => s.trying !== null);
  const asksK = useStore(bench.engine.store, (s) => s.refused !== null && wantedBy(s.refused.error)?.kind === 'k');
  const place = useFocusWhereLost();
  return (
    <div className="plan" data-testid="plan" tabIndex={-1} ref={place}>
      <p>{known ? known.says : modelSays(model, shape)}</p>
      {folder?.says.map((says) => (
        <p key={says} className={folder.opens ? undefined : 'failed'} data-testid="folder-says">
          {says}
        </p>
      ))}
      <FolderChoices
        choices={folder?.choices ?? []}
        onChoose={(chosen) => void planFolder(bench, readChosen(chosen, 'model'))}
      />
      <div className="plan-columns">
        <section aria-label="What is opened">
          {shape && !small && machine && (
            <Formats
              shape={shape}
              dictionary={dictionary}
              dictionaryFormat={dictionaryFormat}
              format={format}
              wasm={wasm}
              loss={known?.loss ?? MINI_LOSS}
              onFormat={(format) => change({ format })}
            />
          )}
          {shape && small && (
            <p className="caption">
              {count(parameterCount(shape))} parameters, float32. Read from your disk; no copy is kept.
            </p>
          )}
          <PlanDictionary
            request={request}
            shape={shape}
            dictionary={dictionary}
            kept={layers}
            wasm={wasm}
            asksK={!asksK}
            onChange={change}
          />
          <PlanVerbalizer request={request} onChange={change} />
          <Licence known={known} />
        </section>
        {!small && (
          <section aria-label="This browser and GPU">
            <h3>This browser and GPU</h3>
            {findings ? <Findings findings={findings} /> : <p className="caption">Asking the browser.</p>}
          </section>
        )}
      </div>
      {model.kind === 'hub' && host && !kept && (
        <Token
          host={host}
          token={model.token}
          leaves={leaves}
          onToken={(given) => change((now) => withToken(now, given))}
        />
      )}
      <div className="plan-foot">
        <p data-testid="confirm-says">
          {fetchSays}
          {leaves && ' It is fetched by a second page, open.html, which may connect to other sites; this one may not.'}
        </p>
        <Refused />
        <p className="actions">
          {!asksK && (
            <button
              type="button"
              data-testid="confirm-open"
              disabled={!able || trying || folder?.opens === false}
              onClick={() => openRequest(bench, request)}
            >
              {kept || small || !host ? 'Open' : 'Download and open'}
            </button>
          )}
          <Trying />
          <button type="button" onClick={() => bench.models.plan(null)}>
            Other models
          </button>
          {findings && !able && <Against n={findings.filter(({ answer }) => answer === 'no').length} />}
        </p>
      </div>
    </div>
  );
}

/** Works out what a request takes, what of it is kept, and whether this machine can open it. */
function usePlan(request: OpenRequest, machine: Machine | null) {
  const bench = useBench();
  const entries = useStore(bench.models.store, (s) => s.kept) ?? [];
  const provider = useStore(bench.engine.store, (s) => s.provider);
  const shape = useShape(request.model);
  // The open model is as it is, whatever dictionary it gets.
  const here = useStore(bench.engine.store, (s) => s.request !== null && isSameModel(s.request, request));
  const float32 = useStore(bench.engine.store, (s) => s.info?.format === 'f32');
  const small = (shape !== null && isSmall(shape)) || (here && float32);
  const stored = storedRequest(entries, request);
  const wasm = machine !== null && onWasm(machine, provider, stored?.format);
  const binding = machine ? Math.min(machine.maxBuffer, machine.maxBinding) : 0;
  const format =
    request.format ??
    stored?.format ??
    (small || !shape ? 'f32' : defaultFormat(shape, { wasm, halves: machine?.halves ?? false, binding }));
  const dictionary = knownDictionary(request.dictionary, document.baseURI);
  const costs = shape ? costsOf(shape, dictionary, format, request.dictionaryFormat ?? 'f16') : null;
  const kept = stored !== null;
  const got = hereOf(entries, request);
  const ns = useStore(bench.engine.store, (s) => (shape ? nsHere(s, tokenParameters(shape)) : null));
  const need = shape &&
    costs && {
      ...costs,
      disk: kept && isLayerKept(entries, request) ? 0 : Math.max(0, costs.disk - got.disk),
      format,
      kept,
      wasm: wasmNeed(shape, ns, openingOf(shape, request, dictionary)),
    };
  const findings = machine && !small ? assess(machine, need, provider) : null;
  const host = foreignHost(request, document.baseURI);
  return {
    shape,
    small,
    wasm,
    format,
    kept,
    layers: storedLayers(entries, dictionaryPlaceOf(request), request.folders),
    findings,
    // If nobody knows the size yet, the engine decides once it has read the configuration.
    able: small || (findings !== null && (shape === null || possible(findings))),
    host,
    fetchSays: kept
      ? keptSays(request, isLayerKept(entries, request))
      : small
        ? 'Nothing is fetched, and nothing kept.'
        : confirmSays(costs, host, got),
  };
}

function keptSays(request: OpenRequest, layer: boolean): string {
  const host = pairHost(request);
  if (host !== null)
    return `Kept in this browser. The verbalizer is fetched from ${host} when words are first asked for.`;
  return layer
    ? 'Kept in this browser: opens without any network.'
    : 'Kept in this browser, but for the dictionary, which is read from this page.';
}

const isSameModel = (a: OpenRequest, b: OpenRequest): boolean =>
  identityOf({ model: a.model }) === identityOf({ model: b.model });

/** The request with a token for its repositories. */
function withToken(request: OpenRequest, token: string): OpenRequest {
  const trusting = <T extends ModelRef | undefined>(ref: T): T => (ref?.kind === 'hub' ? { ...ref, token } : ref);
  const verbalizer = request.verbalizer?.map(trusting);
  return { ...request, model: trusting(request.model), dictionary: trusting(request.dictionary), verbalizer };
}

/** From the catalogue, or from a picked folder's own config.json. */
function useShape(model: ModelRef): Shape | null {
  const folder = model.kind === 'picked' ? model.folder : null;
  const [read, setRead] = useState<Shape | null>(null);
  useEffect(() => {
    let gone = false;
    if (folder) void pickedConfig(folder).then((config) => gone || setRead(config));
    return () => {
      gone = true;
    };
  }, [folder]);
  return model.kind === 'hub' ? (knownModel(model)?.shape ?? null) : read;
}

function modelSays(model: ModelRef, shape: Shape | null): string {
  if (model.kind === 'url') return `A folder at ${model.url}.`;
  if (model.kind === 'kept') return 'Kept in this browser.';
  if (model.kind === 'hub')
    return 'A repository that this page knows nothing of. Its configuration is read first, and what cannot be opened is refused by name.';
  const { length } = model.folder.files;
  return `A folder of this computer, ${counted(length, 'file')}.${shape ? '' : ' Its sizes are not known before its configuration is read.'}`;
}

function Formats(props: {
  shape: Shape;
  dictionary: KnownDictionary | null;
  dictionaryFormat: DictionaryFormat;
  format: WeightFormat;
  /** Whether it opens on WebAssembly, which takes the same memory for every format. */
  wasm: boolean;
  loss: FormatLoss;
  onFormat: (format: WeightFormat) => void;
}) {
  const { shape, dictionary, dictionaryFormat, format, wasm, loss, onFormat } = props;
  const rows: (Costs & { format: WeightFormat })[] = FORMATS.map((one) => ({
    format: one,
    ...costsOf(shape, dictionary, one, dictionaryFormat),
  }));
  const name = useId();
  return (
    <table className="plan-formats figures">
      <thead>
        <tr>
          <th>Weights</th>
          {!wasm && <th>GPU memory</th>}
          <th>Disk</th>
          <th>Bits a weight</th>
          <th>{loss.heading}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.format}>
            <th scope="row">
              <label className="switch">
                <input
                  type="radio"
                  name={name}
                  value={row.format}
                  checked={row.format === format}
                  onChange={() => onFormat(row.format)}
                />
                {row.format}
              </label>
            </th>
            {!wasm && <td>{bytesSay(row.memory)}</td>}
            <td>{bytesSay(row.disk)}</td>
            <td>{bitsSay(row.format)}</td>
            <td>{loss.cells[row.format] ?? 'not measured'}</td>
          </tr>
        ))}
      </tbody>
      <caption className="caption">
        Computed from the configuration.{' '}
        {wasm
          ? 'WebAssembly computes in 32 bits whatever is kept.'
          : `Memory: weights, one layer’s dictionary, and ${count(statedContext(shape))} tokens of context in 32 bits.`}{' '}
        {loss.says}
      </caption>
    </table>
  );
}

/** With scales. */
const bits = (format: WeightFormat): number => 8 * encodedBytes(format, 1);
const bitsSay = (format: WeightFormat): string =>
  format === 'q4' ? `${bits('q4')}, embedding ${bits('q8')}` : `${bits(format)}`;

function Against({ n }: { n: number }) {
  return (
    <span className="caption" data-testid="cannot">
      Not here: {n === 1 ? 'one thing stands' : 'things stand'} against it, marked “no” above. lenslet-mini runs in any
      browser.
    </span>
  );
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className="findings">
      {findings.map(({ about, answer, says }) => (
        <li key={about} data-testid={`finding-${about}`} data-answer={answer}>
          <span className={answer === 'no' ? 'failed' : ''}>{answer === 'doubt' ? 'note' : answer}</span>
          <span>{says}</span>
        </li>
      ))}
    </ul>
  );
}

function Licence({ known }: { known: Known | null }) {
  if (!known) return <p className="caption">See the folder for its licence. Lenslet has not checked this model.</p>;
  return (
    <p className="caption">
      {known.caution} Licence: {known.licence}. {known.dictionaryLicence} {known.verified}
    </p>
  );
}

/** In memory, and nowhere else. The strict page has no use for one. */
function Token({
  host,
  token = '',
  leaves,
  onToken,
}: {
  host: string;
  token?: string;
  leaves: boolean;
  onToken: (token: string) => void;
}) {
  if (leaves)
    return (
      <p className="caption">
        A repository that asks for a token: it is given on the page that fetches, should it ask.
      </p>
    );
  return (
    <label className="model-box plan-token">
      <span className="caption">
        Token, where the repository asks for one. Kept in memory until this page is left, sent to {host} alone.
      </span>
      <input
        className="text-box"
        type="password"
        autoComplete="off"
        data-testid="token"
        value={token}
        onChange={(event) => onToken(event.target.value)}
      />
    </label>
  );
}
