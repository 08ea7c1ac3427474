import { useEffect, useId, useState } from 'react';
import type { WeightFormat } from '../../lens/api/model';
import { bytesSay, count } from '../../lens/maths/figures';
import { encodedBytes, fitsWasm, parameterCount } from '../../lens/sizes';
import { pageKind } from '../../offline/elsewhere';
import { assess, type Finding, type Machine, possible } from '../../state/model/capability';
import {
  type DictionaryShape,
  knownDictionary,
  knownModel,
  REHEARSED,
  SCOPE_LICENCE,
  type Shape,
} from '../../state/model/catalogue';
import { type Costs, costsOf, statedContext } from '../../state/model/costs';
import { foreignHost, type ModelRequest } from '../../state/model/model-url';
import { hereOf, keptLayers, keptRequest, shelfOf } from '../../state/model/models';
import { Choice } from '../../ui/Choice';
import { FolderButton } from '../../ui/FolderButton';
import { NumberBox } from '../../ui/NumberBox';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { useBench, usePart } from '../bench';
import { needsNetwork, openRequest } from './actions';
import { readPicked } from './folder';
import { confirmSays } from './model-words';
import { pickedConfig } from './picked-config';

const FORMATS: readonly WeightFormat[] = ['q4', 'q8', 'f16'];

/** What a model takes, whether this machine can, and what will be fetched: all of it before a byte is. */
export function Plan({ asked, machine }: { asked: ModelRequest; machine: Machine | null }) {
  const bench = useBench();
  const entries = usePart(bench.models.store, (s) => s.kept) ?? [];
  const provider = usePart(bench.engine.store, (s) => s.provider);
  const [request, setRequest] = useState(asked);
  const shape = useShape(request);
  const known = request.kind === 'hub' ? knownModel(request.repo) : null;
  const dictionary = typeof request.dictionary === 'string' ? knownDictionary(request.dictionary) : null;
  const small = shape !== null && fitsWasm(shape);
  const format = request.format === 'auto' ? (small ? 'f32' : 'q4') : request.format;
  const costs = shape ? costsOf(shape, dictionary, format, request.dictionaryFormat) : null;
  const kept = keptRequest(entries, request) !== null;
  const here = hereOf(entries, request);
  const findings =
    machine && !small
      ? assess(machine, costs && { ...costs, disk: kept ? 0 : Math.max(0, costs.disk - here.disk), format })
      : null;
  // Of what nobody knows the size of yet, the engine decides once it has read the configuration.
  const able = small || (findings !== null && (shape === null || possible(findings, provider === 'webgpu')));
  const host = foreignHost(request, document.baseURI);
  const leaves = pageKind() === 'strict' && needsNetwork(bench, request);
  const place = useFocusWhereLost();
  return (
    <div className="plan" data-testid="plan" tabIndex={-1} ref={place}>
      <p>{known ? known.says : requestSays(request, shape)}</p>
      <div className="plan-columns">
        <section aria-label="What is opened">
          {shape && !small && (
            <Formats
              shape={shape}
              dictionary={dictionary}
              request={request}
              format={format}
              onFormat={(next) => setRequest({ ...request, format: next })}
            />
          )}
          {small && (
            <p className="caption">
              {count(parameterCount(shape))} parameters: opened as it is, in float32, and kept nowhere.
            </p>
          )}
          {!small && (
            <Dictionary
              request={request}
              shape={shape}
              dictionary={dictionary}
              kept={layersKept(entries, request)}
              onChange={(patch) => setRequest({ ...request, ...patch })}
            />
          )}
          <Licence request={request} />
        </section>
        {!small && (
          <section aria-label="This browser and GPU">
            <h3>This browser and GPU</h3>
            {findings ? <Findings findings={findings} /> : <p className="caption">Asking the browser.</p>}
          </section>
        )}
      </div>
      {request.kind === 'hub' && host && !kept && (
        <Token request={request} leaves={leaves} onToken={(token) => setRequest({ ...request, token })} />
      )}
      <div className="plan-foot">
        <p data-testid="confirm-says">
          {kept
            ? 'Kept in this browser: opens without any network.'
            : small
              ? 'Nothing is fetched, and nothing kept.'
              : confirmSays(costs, host, here.read)}
          {leaves && ' It is fetched by a second page, open.html, which may connect to other sites; this one may not.'}
        </p>
        <p className="actions">
          <button type="button" data-testid="confirm-open" disabled={!able} onClick={() => openRequest(bench, request)}>
            {kept || small || !host ? 'Open' : 'Download and open'}
          </button>
          <button type="button" onClick={() => bench.models.plan(null)}>
            Other models
          </button>
          {findings && !able && (
            <span className="caption" data-testid="cannot">
              Not here:{' '}
              {findings.filter(({ answer }) => answer === 'no').length === 1 ? 'one thing stands' : 'things stand'}{' '}
              against it, marked “no” above. lenslet-mini runs in any browser.
            </span>
          )}
        </p>
      </div>
    </div>
  );
}

/** From the catalogue, or from a picked folder's own config.json. */
function useShape(request: ModelRequest): Shape | null {
  const folder = request.kind === 'picked' ? request.folder : null;
  const [read, setRead] = useState<Shape | null>(null);
  useEffect(() => {
    let gone = false;
    if (folder) void pickedConfig(folder).then((config) => gone || setRead(config));
    return () => {
      gone = true;
    };
  }, [folder]);
  return request.kind === 'hub' ? (knownModel(request.repo)?.shape ?? null) : read;
}

function requestSays(request: ModelRequest, shape: Shape | null): string {
  if (request.kind === 'address') return `A folder at ${request.url}.`;
  if (request.kind === 'kept') return 'Kept in this browser.';
  if (request.kind === 'hub')
    return 'A repository that this page knows nothing of. Its configuration is read first, and what cannot be opened is refused by name.';
  const files = `A folder of this computer, ${count(request.folder.files.length)} ${request.folder.files.length === 1 ? 'file' : 'files'}.`;
  return shape ? files : `${files} Its config.json states no Qwen model that sizes could be computed from.`;
}

function layersKept(entries: Parameters<typeof keptLayers>[0], request: ModelRequest): number[] {
  const shelf = shelfOf(request);
  return shelf ? keptLayers(entries, shelf) : [];
}

function Formats(props: {
  shape: Shape;
  dictionary: DictionaryShape | null;
  request: ModelRequest;
  format: WeightFormat;
  onFormat: (format: WeightFormat) => void;
}) {
  const { shape, dictionary, request, format, onFormat } = props;
  const rows: (Costs & { format: WeightFormat })[] = FORMATS.map((one) => ({
    format: one,
    ...costsOf(shape, dictionary, one, request.dictionaryFormat),
  }));
  const name = useId();
  return (
    <table className="plan-formats figures">
      <thead>
        <tr>
          <th>Weights</th>
          <th>GPU memory</th>
          <th>Disk</th>
          <th>Bits a weight</th>
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
            <td>{bytesSay(row.memory)}</td>
            <td>{bytesSay(row.disk)}</td>
            <td>{bitsSay(row.format)}</td>
          </tr>
        ))}
      </tbody>
      <caption className="caption">
        Computed from the configuration. Memory: weights, one layer’s dictionary, and {count(statedContext(shape))}{' '}
        tokens of context in 32 bits.
      </caption>
    </table>
  );
}

/** With scales. */
const bits = (format: WeightFormat): number => 8 * encodedBytes(format, 1);
const bitsSay = (format: WeightFormat): string =>
  format === 'q4' ? `${bits('q4')}, embedding ${bits('q8')}` : `${bits(format)}`;

function Dictionary(props: {
  request: ModelRequest;
  shape: Shape | null;
  dictionary: DictionaryShape | null;
  kept: number[];
  onChange: (patch: Partial<Pick<ModelRequest, 'dictionary' | 'layer' | 'dictionaryFormat'>>) => void;
}) {
  const { request, shape, dictionary, kept, onChange } = props;
  const layer = useId();
  if (request.dictionary === null || typeof request.dictionary !== 'string') {
    return (
      <div className="plan-layer">
        <span className="caption">
          {request.dictionary === null
            ? 'Dictionaries are looked for in the model’s own folder.'
            : `Dictionaries: folder ${request.dictionary.picked.name}, ${count(request.dictionary.picked.files.length)} files.`}
        </span>
        {request.kind === 'picked' && (
          <FolderButton
            label="Pick the dictionary’s folder"
            testId="pick-dictionary"
            onFiles={(files) => {
              const picked = readPicked(files);
              if (picked) onChange({ dictionary: { picked } });
            }}
          />
        )}
      </div>
    );
  }
  const known = request.kind === 'hub' ? knownModel(request.repo) : null;
  const layers = dictionary?.layers ?? shape?.layers ?? null;
  // What the engine takes where none is named.
  const chosen = request.layer ?? kept[0] ?? (layers === null ? null : Math.floor(layers / 2));
  return (
    <div className="plan-dictionary">
      <h3>Dictionary</h3>
      {known ? (
        <Choice
          name="plan-dictionary"
          label="Features that may be active on a token"
          testId="plan-k"
          options={known.dictionaries.map(({ repo, k }) => ({ value: repo, label: `k ${k}`, title: repo }))}
          value={request.dictionary}
          onChange={(next) => onChange({ dictionary: next })}
        />
      ) : null}
      <p className="mono plan-repo">{request.dictionary}</p>
      <p className="plan-layer">
        <label htmlFor={layer}>Layer</label>
        {layers === null ? (
          <input
            id={layer}
            className="text-box plan-any-layer"
            inputMode="numeric"
            placeholder="the middle one"
            data-testid="plan-layer"
            value={chosen ?? ''}
            onChange={({ target: { value } }) =>
              /^\d{0,3}$/.test(value) && onChange({ layer: value === '' ? null : Number(value) })
            }
          />
        ) : (
          <NumberBox
            id={layer}
            label="Layer of the dictionary"
            testId="plan-layer"
            value={chosen!}
            digits={0}
            step={1}
            min={0}
            max={layers - 1}
            onCommit={(next) => onChange({ layer: Math.round(next) })}
          />
        )}
        <span className="caption">
          {layers === null ? 'Which there are is seen once the repository is read' : `of 0 to ${layers - 1}`}; others
          can be opened later.
          {kept.length > 0 && ` Kept here: ${kept.join(', ')}.`}
        </span>
      </p>
      <div className="plan-layer">
        <span>On the GPU as</span>
        <Choice
          name="plan-int8"
          label="How the dictionary lies on the GPU"
          options={[
            { value: 'f16', label: 'f16', title: 'As it is kept' },
            { value: 'int8', label: 'int8', title: 'A scale per feature: half the memory, a little less exact' },
          ]}
          value={request.dictionaryFormat}
          onChange={(next) => onChange({ dictionaryFormat: next })}
        />
      </div>
    </div>
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

function Licence({ request }: { request: ModelRequest }) {
  const known = request.kind === 'hub' ? knownModel(request.repo) : null;
  if (!known) return <p className="caption">Its licence is in its own folder. Not verified by this page.</p>;
  return (
    <p className="caption">
      {known.caution} Licence: {known.licence}. {SCOPE_LICENCE} {REHEARSED}
    </p>
  );
}

/** In memory, and nowhere else. The strict page has no use for one. */
function Token({
  request,
  leaves,
  onToken,
}: {
  request: ModelRequest & { kind: 'hub' };
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
        Token, where the repository asks for one. Kept in memory until this page is left, sent to{' '}
        {foreignHost(request, document.baseURI)} alone.
      </span>
      <input
        className="text-box"
        type="password"
        autoComplete="off"
        data-testid="token"
        value={request.token ?? ''}
        onChange={(event) => onToken(event.target.value)}
      />
    </label>
  );
}
