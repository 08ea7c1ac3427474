import { useId, useRef, useState } from 'react';
import { foreignHost } from '../../lens/api/identity';
import type { PickedFolder } from '../../lens/api/model';
import type { OpenRequest } from '../../lens/api/request';
import { counted } from '../../lens/maths/figures';
import { type DictionaryShape, knownModel, type Shape } from '../../state/model/catalogue';
import { knownK } from '../../state/model/choices';
import type { TakenFolder } from '../../state/model/picked-folder';
import { Choice } from '../../ui/Choice';
import { FilesButton } from '../../ui/FilesButton';
import { NumberBox } from '../../ui/NumberBox';
import { FolderChoices } from './FolderChoices';
import { readChosen, readPicked } from './folder';
import { KBox, typedK } from './KBox';
import type { PlanChange } from './plan-change';

type Change = (patch: PlanChange) => void;

interface Props {
  request: OpenRequest;
  shape: Shape | null;
  dictionary: DictionaryShape | null;
  kept: number[];
  /** Whether a k that nothing states is asked for here: not while the opening itself asks. */
  asksK: boolean;
  onChange: Change;
}

/** Which dictionary is opened with the model: of what repository, of which layer, and in what form. */
export function PlanDictionary({ request, shape, dictionary, kept, asksK, onChange }: Props) {
  const { model, dictionary: named, sites } = request;
  if (named?.kind !== 'hub') return <InFolder request={request} asksK={asksK} onChange={onChange} />;
  const known = knownModel(model);
  const layers = dictionary?.layers ?? shape?.layers ?? null;
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
          onChange={(repo) => onChange({ dictionary: { ...named, repo }, folders: undefined, k: undefined })}
        />
      ) : null}
      <p className="mono plan-repo">{named.repo}</p>
      <Layer asked={sites?.[0]} layers={layers} kept={kept} onChange={onChange} />
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

function InFolder({ request, asksK, onChange }: Pick<Props, 'request' | 'asksK' | 'onChange'>) {
  const { model, dictionary } = request;
  const [{ says, choices, pick }, setTaken] = useState<Pick<TakenFolder, 'says' | 'choices'> & { pick: number }>({
    says: [],
    choices: [],
    pick: 0,
  });
  const picks = useRef(0);
  const take = async (reading: Promise<TakenFolder | null>) => {
    const pick = ++picks.current;
    const taken = await reading;
    // A folder that takes longer to read does not replace one that was picked after it.
    if (!taken || pick !== picks.current) return;
    setTaken({ ...taken, pick });
    if (!taken.opens) return;
    const picked = { kind: 'picked', folder: taken.folder } as const;
    onChange({ dictionary: picked, folders: undefined, k: knownK({ model, dictionary: picked }) });
  };
  return (
    <div className="plan-layer">
      <span className="caption">
        {dictionary?.kind === 'picked'
          ? `Dictionaries: folder ${dictionary.folder.name}, ${counted(dictionary.folder.files.length, 'file')}.`
          : 'Dictionaries are looked for in the model’s own folder.'}
      </span>
      {foreignHost({ model }, document.baseURI) === null && (
        <FilesButton
          folder
          label="Pick the dictionary’s folder"
          testId="pick-dictionary"
          onFiles={(files) => void take(readPicked(files, 'dictionary'))}
        />
      )}
      {asksK && dictionary?.kind === 'picked' && needsK(dictionary.folder) && (
        <OwnK key={pick} request={request} onChange={onChange} />
      )}
      {says.length > 0 && <span className="caption">{says.join(' ')}</span>}
      <FolderChoices choices={choices} onChoose={(folder) => void take(readChosen(folder, 'dictionary'))} />
    </div>
  );
}

function OwnK({ request, onChange }: Pick<Props, 'request' | 'onChange'>) {
  const [typed, type] = useState(() => String(request.k ?? ''));
  return (
    <>
      <KBox
        typed={typed}
        testId="plan-own-k"
        onType={(next) => {
          type(next);
          onChange({ k: typedK(next) ?? undefined });
        }}
      />
      <span className="caption">Neither the files nor the folder’s name states it.</span>
    </>
  );
}

/** Files of Qwen-Scope state no k; the folder's name may. */
const needsK = ({ name, files }: PickedFolder): boolean =>
  files.some(({ path }) => /(^|\/)layer\d+\.sae\.pt$/.test(path)) && !/-L0_\d+$/.test(name);

/** `layers`: how many there are; null: not known before the repository is read. */
function Layer(props: { asked: number | undefined; layers: number | null; kept: number[]; onChange: Change }) {
  const { asked, layers, kept, onChange } = props;
  const id = useId();
  // The layer that the engine takes if none is named.
  const chosen = asked ?? kept[0] ?? (layers === null ? null : Math.floor(layers / 2));
  return (
    <p className="plan-layer">
      <label htmlFor={id}>Layer</label>
      {layers === null ? (
        <input
          id={id}
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
          id={id}
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
        {layers === null ? 'Which there are is seen once the repository is read' : `of 0 to ${layers - 1}`}; others can
        be opened later.
        {kept.length > 0 && ` Kept here: ${kept.join(', ')}.`}
      </span>
    </p>
  );
}
