import { type FormEvent, useState } from 'react';
import { type ErrorData, errorToData } from '../../lens/api/errors';
import { hubAddress, hubAddresses, hubPage, modelRepository } from '../../lens/api/hub-address';
import { foldersIn, foreignHost } from '../../lens/api/identity';
import type { OpenRequest } from '../../lens/api/request';
import { familyNames } from '../../lens/folders/families/families';
import { atAddress, modelUrl, parseEndpoint } from '../../state/model/model-url';
import { Failure } from '../../ui/Failure';
import { FilesButton } from '../../ui/FilesButton';
import { useBench } from '../use-workbench';
import { openRequest } from './actions';
import { planFolder, readPicked } from './folder';

/** A repository of the Hub or of a mirror, a folder of this computer, or an address. */
export function OtherModel() {
  const bench = useBench();
  const [error, setError] = useState<ErrorData | null>(null);
  const asked = (form: FormData): OpenRequest => {
    const text = (key: string) => String(form.get(key) ?? '').trim();
    // As the boxes that may stay empty offer it.
    const orNone = (key: string) => text(key).replace(/^none$/i, '');
    const kind = 'hub';
    const { repo, ...at } = modelRepository(text('repo'));
    const endpoint = parseEndpoint(text('endpoint')) ?? at.endpoint;
    const dictionary = orNone('dictionary') ? hubAddress(orNone('dictionary')) : null;
    const halves = hubAddresses(orNone('verbalizer'));
    return {
      model: { kind, repo, revision: text('revision') || at.revision, endpoint },
      dictionary: dictionary ? { kind, repo: dictionary.repo, revision: dictionary.revision, endpoint } : undefined,
      folders: foldersIn(text('dictionary')),
      verbalizer: halves.length ? halves.map((half) => ({ kind, endpoint, ...half })) : undefined,
    };
  };
  const tried = (act: (form: FormData) => void) => (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setError(null);
    try {
      act(new FormData(event.currentTarget));
    } catch (cause) {
      setError(errorToData(cause));
    }
  };
  return (
    <section className="model-other" aria-label="Any other model">
      <h3>Any repository, folder or address</h3>
      <p className="caption">
        Models of these families, dense, base or instruct, as safetensors: {familyNames()}. Dictionaries as their
        libraries save them, of Qwen-Scope and Gemma Scope among others.
      </p>
      <form className="model-form" data-testid="hub-form" onSubmit={tried((form) => bench.models.plan(asked(form)))}>
        <Box name="repo" label="Repository" placeholder="Owner/name, or its address" required />
        <Box name="dictionary" label="Dictionary" placeholder="Owner/name, or none" />
        <Box name="verbalizer" label="Verbalizer" placeholder="two repositories, or none" />
        <Box name="revision" label="Revision" placeholder="main" />
        <Box name="endpoint" label="Mirror" placeholder="https://huggingface.co" />
        <button type="submit">See what it takes</button>
      </form>
      <form
        className="model-form"
        data-testid="address-form"
        onSubmit={tried((form) => {
          const typed = String(form.get('address') ?? '');
          const request: OpenRequest = hubPage(typed)
            ? { model: { kind: 'hub', ...modelRepository(typed) } }
            : atAddress(modelUrl(typed, document.baseURI));
          if (foreignHost(request, document.baseURI)) bench.models.plan(request);
          else openRequest(bench, request);
        })}
      >
        <Box name="address" label="Address of a folder" placeholder="models/lenslet-mini/" required />
        <button type="submit">Open</button>
        <span className="model-pick">
          <FilesButton
            folder
            label="Pick a folder"
            testId="pick-folder"
            onFiles={(files) => void planFolder(bench, readPicked(files, 'model'))}
          />
          <span className="caption">or drop one on the page; it is read where it is, and sent nowhere.</span>
        </span>
      </form>
      {error && <Failure error={error} />}
    </section>
  );
}

function Box({
  name,
  label,
  placeholder,
  required = false,
}: {
  name: string;
  label: string;
  placeholder: string;
  required?: boolean;
}) {
  return (
    <label className="model-box">
      <span className="caption">{label}</span>
      <input
        className="text-box"
        name={name}
        placeholder={placeholder}
        required={required}
        autoComplete="off"
        spellCheck={false}
      />
    </label>
  );
}
