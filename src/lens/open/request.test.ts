import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../api/errors';
import { requestOf } from '../api/identity';
import type { Origin, SourceRequest } from '../api/model';
import type { OpenOptions } from '../api/open';
import { refOfOrigin } from './request';

const commit = 'c'.repeat(40);
const origin = (endpoint: string): Origin => ({ kind: 'hub', endpoint, repo: 'a/b', revision: commit, asked: 'main' });

test('a token goes to the Hub that it was given for, and to no other', () => {
  const token = (endpoint: string, hub: OpenOptions['hub'], asked: string | SourceRequest) => {
    const ref = refOfOrigin(origin(endpoint), requestOf(asked, { hub }).model);
    return ref.kind === 'hub' ? ref.token : 'no repository';
  };
  for (const asked of ['a/b', { kept: 'a' }]) {
    expect(token('https://huggingface.co', { token: 'hf_a' }, asked)).toBe('hf_a');
    expect(
      token('https://mirror.example', { token: 'hf_a' }, asked),
      'kept from a mirror, and the token is the Hub’s',
    ).toBeUndefined();
    expect(token('https://mirror.example', { token: 'm', endpoint: 'https://mirror.example/' }, asked)).toBe('m');
    expect(token('https://huggingface.co', { token: 'm', endpoint: 'https://mirror.example' }, asked)).toBeUndefined();
  }
  const named = { hub: { repo: 'a/b', endpoint: 'https://mirror.example', token: 'm' } };
  expect(token('https://mirror.example', { token: 'hf_a' }, named)).toBe('m');
  expect(token('https://huggingface.co', undefined, named)).toBeUndefined();
});

test('a kept repository is asked for at its commit; a picked folder is not at hand', () => {
  const kept = { kind: 'kept', key: 'a' } as const;
  expect(refOfOrigin(origin('https://h.example'), kept)).toMatchObject({
    kind: 'hub',
    repo: 'a/b',
    revision: commit,
    endpoint: 'https://h.example',
  });
  expect(refOfOrigin({ kind: 'url', url: 'https://x.example/' }, kept)).toEqual({
    kind: 'url',
    url: 'https://x.example/',
  });
  expect(() => refOfOrigin({ kind: 'picked', name: 'mine' }, kept)).toThrow(StoreUnavailableError);
});
