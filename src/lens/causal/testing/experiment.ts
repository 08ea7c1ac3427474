/** An experiment as somebody writes it by hand: ids and what has a default left out. */
export function handWritten() {
  return {
    format: 'lenslet-experiment-1',
    name: 'Go on in English',
    model: { name: 'lenslet-mini', sha256: 'a'.repeat(64) },
    dictionaries: [{ layer: 3, width: 2048, k: 16, sha256: 'b'.repeat(64) }],
    prompts: {
      main: {
        source: 'Two English–Chinese pairs and an English line.',
        items: [
          { text: 'The key is lost.\n钥匙丢了。\nThe tea is cold.\n', expect: '茶凉了。' },
          { text: 'It is late.\n很晚了。\nCome in.\n', expect: '请进。' },
        ],
      },
      neutral: { source: 'Everyday English.', items: [{ text: 'On Saturday we walked to' }] },
    },
    sampling: { temperature: 0.7, topP: 0.95, maxTokens: 24, base: 16 },
    outcomes: {
      english: {
        type: 'and',
        of: [
          { type: 'not', of: { type: 'script', script: 'Han', share: 0, compare: '>', letters: 1 } },
          { type: 'script', script: 'Latin', share: 0.9, compare: '>=' },
          { type: 'varied' },
        ],
      },
      long: { type: 'length', min: 8 },
    },
    claims: [
      {
        id: 'a',
        kind: 'drives',
        intervention: { kind: 'edits', edits: [{ layer: 3, feature: 1600, mode: 'add', strength: -33.973 }] },
        outcome: 'english',
        direction: 'more',
        selection: { candidates: { atLeast: 12 }, signs: 2, doses: 5 },
        keeps: [{ outcome: 'long' }],
      },
    ] as Record<string, unknown>[],
    controls: { seed: 1, directions: 99, features: 99 } as Record<string, unknown>,
    plan: { prompts: 100, design: 'standard' } as Record<string, unknown>,
  };
}

export type HandWritten = ReturnType<typeof handWritten>;

/** A hand-written experiment with parts replaced. */
export function written(change: (experiment: HandWritten) => void = () => {}): string {
  const experiment = handWritten();
  change(experiment);
  return JSON.stringify(experiment);
}
