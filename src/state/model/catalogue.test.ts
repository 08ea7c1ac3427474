import { expect, test } from 'vitest';
import { KNOWN, knownDictionary, knownModel, offered } from './catalogue';
import { toQuery } from './model-url';

test('every offer is one that its address asks for, with a layer that its dictionary has', () => {
  for (const known of KNOWN) {
    const request = offered(known);
    expect(request.sites![0]).toBeLessThan(knownDictionary(request.dictionary)!.layers);
    expect(toQuery(request, 'https://lens.example/')).toContain(`?hub=${known.repo}&dictionary=Qwen/SAE-Res-`);
    expect(knownModel({ kind: 'hub', repo: known.repo.toUpperCase() })).toBe(known);
  }
});
