import { useRef, useState } from 'react';
import { endpointOf, foreignHost } from '../../lens/api/identity';
import type { PickedFolder } from '../../lens/api/model';
import type { ModelRef, OpenRequest } from '../../lens/api/request';
import { counted } from '../../lens/maths/figures';
import { type KnownDictionary, knownModel, placeOf, type Shape } from '../../state/model/catalogue';
import { knownK } from '../../state/model/choices';
import type { TakenFolder } from '../../state/model/picked-folder';
import { Choice } from '../../ui/Choice';
import { FilesButton } from '../../ui/FilesButton';
import { FolderChoices } from './FolderChoices';
import { readChosen, readPicked } from './folder';
import { KBox, typedK } from './KBox';
import { PlanLayer } from './PlanLayer';
import type { PlanChange } from './plan-change';

type Change = (patch: PlanChange) => void;

interface Props {
  request: OpenRequest;
  shape: Shape | null;
  dictionary: KnownDictionary | null;
  kept: number[];
  /** Whether the model would run on WebAssembly. */
  wasm: boolean;
  /** Whether a k that nothing states is asked for here: not while the opening itself asks. */
  asksK: boolean;
  onChange: Change;
}

/** Which dictionary is opened with the model: of what repository, of which layer, and in what form. */
export function PlanDictionary({ request, shape, dictionary, kept, wasm, asksK, onChange }: Props) {
  const { model, dictionary: named, sites } = request;
  if (named?.kind !== 'hub' && named?.kind !== 'url')
    return <InFolder request={request} asksK={asksK} onChange={onChange} />;
  const places = (knownModel(model)?.dictionaries ?? []).map((one) => ({
    ...one,
    place: placeOf(one, document.baseURI, endpointOf(model)),
  }));
  const layers = dictionary?.layers ?? (shape && Array.from({ length: shape.layers }, (_, layer) => layer));
  return (
    <div className="plan-dictionary">
      <h3>Dictionary</h3>
      {places.length > 1 && (
        <Choice
          name="plan-dictionary"
          label="Which of its dictionaries"
          testId="plan-k"
          options={places.map(({ name, place }) => ({ value: nameOf(place), label: name, title: nameOf(place) }))}
          value={nameOf(named)}
          onChange={(chosen) => {
            const { place } = places.find((one) => nameOf(one.place) === chosen)!;
            const token = named.kind === 'hub' && place.kind === 'hub' && named.token ? { token: named.token } : {};
            onChange({ dictionary: { ...place, ...token }, folders: undefined, k: undefined });
          }}
        />
      )}
      <p className={named.kind === 'hub' ? 'mono plan-repo' : 'plan-repo'}>
        {named.kind === 'hub' ? named.repo : 'Beside this page: nothing of it comes from another site.'}
      </p>
      <PlanLayer asked={sites?.[0]} layers={layers} kept={kept} onChange={onChange} />
      <div className="plan-layer">
        <span>{wasm ? 'On a GPU as' : 'On the GPU as'}</span>
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
        {wasm && <span className="caption">WebAssembly, as here, has it in float32.</span>}
      </div>
    </div>
  );
}

const nameOf = (ref: ModelRef): string => (ref.kind === 'hub' ? ref.repo : ref.kind === 'url' ? ref.url : '');

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
