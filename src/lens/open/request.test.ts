import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../api/errors';
import type { Origin } from '../api/model';
import { dictionaryRequestOf, requestOf, requestOfOrigin } from './request';

test('a name of the Hub is a repository, any other text an address, a source stays what it is', () => {
  const hub = { revision: 'v1', endpoint: 'https://mirror.example', token: 'hf_a' };
  expect(requestOf('Owner/name', hub)).toEqual({ hub: { repo: 'Owner/name', ...hub } });
  expect(requestOf('./models/a/', hub)).toEqual({ url: './models/a/' });
  expect(requestOf({ kept: 'a' }, hub)).toEqual({ kept: 'a' });
});

test('a dictionary has its own revision or none, and never the model’s', () => {
  const revision = (hub: Parameters<typeof dictionaryRequestOf>[1]) => {
    const request = dictionaryRequestOf('Owner/sae', hub);
    return 'hub' in request ? request.hub.revision : 'no repository';
  };
  expect(revision({ revision: 'v1' })).toBeUndefined();
  expect(revision({ revision: 'v1', dictionaryRevision: 'v2' })).toBe('v2');
  expect(revision(undefined)).toBeUndefined();
});

test('a token goes to the Hub that it was given for, and to no other', () => {
  const origin = (endpoint: string): Origin => ({
    kind: 'hub',
    endpoint,
    repo: 'a/b',
    revision: 'c'.repeat(40),
    asked: 'main',
  });
  const token = (
    endpoint: string,
    ...[hub, asked]: [Parameters<typeof requestOfOrigin>[1], Parameters<typeof requestOfOrigin>[2]]
  ) => {
    const request = requestOfOrigin(origin(endpoint), hub, asked);
    return 'hub' in request ? request.hub.token : 'no repository';
  };
  const kept = { kept: 'a' };
  expect(token('https://huggingface.co', { token: 'hf_a' }, kept)).toBe('hf_a');
  expect(
    token('https://mirror.example', { token: 'hf_a' }, kept),
    'kept from a mirror, and the token is the Hub’s',
  ).toBeUndefined();
  expect(token('https://mirror.example', { token: 'm', endpoint: 'https://mirror.example/' }, kept)).toBe('m');
  expect(token('https://huggingface.co', { token: 'm', endpoint: 'https://mirror.example' }, kept)).toBeUndefined();
  const named = { hub: { repo: 'a/b', endpoint: 'https://mirror.example', token: 'm' } };
  expect(token('https://mirror.example', { token: 'hf_a' }, named)).toBe('m');
  expect(token('https://huggingface.co', undefined, named)).toBeUndefined();
});

test('a kept repository is asked for at its commit; a picked folder is not at hand', () => {
  const commit = 'c'.repeat(40);
  const request = requestOfOrigin(
    { kind: 'hub', endpoint: 'https://h.example', repo: 'a/b', revision: commit, asked: 'main' },
    undefined,
    { kept: 'a' },
  );
  expect(request).toMatchObject({ hub: { repo: 'a/b', revision: commit, endpoint: 'https://h.example' } });
  expect(() => requestOfOrigin({ kind: 'picked', name: 'mine' }, undefined, { kept: 'a' })).toThrow(
    StoreUnavailableError,
  );
});
