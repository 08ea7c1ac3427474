import { useEffect, useId, useState } from 'react';
import { foreignHost } from '../../lens/api/identity';
import type { DictionaryFormat, WeightFormat } from '../../lens/api/model';
import type { ModelRef, OpenRequest } from '../../lens/api/request';
import { bytesSay, count } from '../../lens/maths/figures';
import { encodedBytes, fitsWasm, parameterCount } from '../../lens/sizes';
import { pageKind } from '../../offline/elsewhere';
import { assess, type Finding, type Machine, possible } from '../../state/model/capability';
import {
  type DictionaryShape,
  type Known,
  knownDictionary,
  knownModel,
  REHEARSED,
  SCOPE_LICENCE,
  type Shape,
} from '../../state/model/catalogue';
import { type Costs, costsOf, statedContext } from '../../state/model/costs';
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
export function Plan({ asked, machine }: { asked: OpenRequest; machine: Machine | null }) {
  const bench = useBench();
  const entries = usePart(bench.models.store, (s) => s.kept) ?? [];
  const provider = usePart(bench.engine.store, (s) => s.provider);
  const [request, setRequest] = useState(asked);
  const shape = useShape(request.model);
  const { model, dictionaryFormat = 'f16' } = request;
  const known = knownModel(model);
  const dictionary = knownDictionary(request.dictionary);
  const small = shape !== null && fitsWasm(shape);
  const format = request.format ?? (small ? 'f32' : 'q4');
  const costs = shape ? costsOf(shape, dictionary, format, dictionaryFormat) : null;
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
  const give = (token: string) => {
    const trusting = <T extends ModelRef | undefined>(ref: T): T => (ref?.kind === 'hub' ? { ...ref, token } : ref);
    setRequest({ ...request, model: trusting(model), dictionary: trusting(request.dictionary) });
  };
  return (
    <div className="plan" data-testid="plan" tabIndex={-1} ref={place}>
      <p>{known ? known.says : modelSays(model, shape)}</p>
      <div className="plan-columns">
        <section aria-label="What is opened">
          {shape && !small && (
            <Formats
              shape={shape}
              dictionary={dictionary}
              dictionaryFormat={dictionaryFormat}
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
              kept={keptLayers(entries, shelfOf(request))}
              onChange={(patch) => setRequest({ ...request, ...patch })}
            />
          )}
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
        <Token host={host} token={model.token} leaves={leaves} onToken={give} />
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
  const files = `A folder of this computer, ${count(length)} ${length === 1 ? 'file' : 'files'}.`;
  return shape ? files : `${files} Its config.json states no Qwen model that sizes could be computed from.`;
}

function Formats(props: {
  shape: Shape;
  dictionary: DictionaryShape | null;
  dictionaryFormat: DictionaryFormat;
  format: WeightFormat;
  onFormat: (format: WeightFormat) => void;
}) {
  const { shape, dictionary, dictionaryFormat, format, onFormat } = props;
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
  request: OpenRequest;
  shape: Shape | null;
  dictionary: DictionaryShape | null;
  kept: number[];
  onChange: (patch: Partial<OpenRequest>) => void;
}) {
  const { request, shape, dictionary, kept, onChange } = props;
  const layer = useId();
  const { model, dictionary: named, sites } = request;
  if (named?.kind !== 'hub') {
    return (
      <div className="plan-layer">
        <span className="caption">
          {named?.kind === 'picked'
            ? `Dictionaries: folder ${named.folder.name}, ${count(named.folder.files.length)} files.`
            : 'Dictionaries are looked for in the model’s own folder.'}
        </span>
        {model.kind === 'picked' && (
          <FolderButton
            label="Pick the dictionary’s folder"
            testId="pick-dictionary"
            onFiles={(files) => {
              const folder = readPicked(files);
              if (folder) onChange({ dictionary: { kind: 'picked', folder } });
            }}
          />
        )}
      </div>
    );
  }
  const known = knownModel(model);
  const layers = dictionary?.layers ?? shape?.layers ?? null;
  // What the engine takes where none is named.
  const chosen = sites?.[0] ?? kept[0] ?? (layers === null ? null : Math.floor(layers / 2));
  return (
    <div className="plan-dictionary">
      <h3>Dictionary</h3>
      {known ? (
        <Choice
          name="plan-dictionary"
          label="Features that may be active on a token"
          testId="plan-k"
          options={known.dictionaries.map(({ repo, k }) => ({ value: repo, label: `k ${k}`, title: repo }))}
          value={named.repo}
          onChange={(repo) => onChange({ dictionary: { ...named, repo } })}
        />
      ) : null}
      <p className="mono plan-repo">{named.repo}</p>
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
              /^\d{0,3}$/.test(value) && onChange({ sites: value === '' ? undefined : [Number(value)] })
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
            onCommit={(next) => onChange({ sites: [Math.round(next)] })}
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
          value={request.dictionaryFormat ?? 'f16'}
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

function Licence({ known }: { known: Known | null }) {
  if (!known) return <p className="caption">Its licence is in its own folder. Not verified by this page.</p>;
  return (
    <p className="caption">
      {known.caution} Licence: {known.licence}. {SCOPE_LICENCE} {REHEARSED}
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
