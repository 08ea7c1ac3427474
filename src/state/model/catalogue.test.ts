import { expect, test } from 'vitest';
import { KNOWN, knownDictionary, knownModel, offered } from './catalogue';
import { queryOf } from './model-url';

test('every offer is one that its address asks for, with a layer that its dictionary has', () => {
  for (const known of KNOWN) {
    const request = offered(known);
    expect(request.layer).toBeLessThan(knownDictionary(request.dictionary as string)!.layers);
    expect(queryOf(request, 'https://lens.example/')).toContain(`?hub=${known.repo}&dictionary=Qwen/SAE-Res-`);
    expect(knownModel(known.repo.toUpperCase())).toBe(known);
  }
});
