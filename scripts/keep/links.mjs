/** Addresses as people have them, and beside each what it means, written by hand. Of an edit by add or clamp `times` is
 *  x the feature's maximum.
 *  @typedef {{ layer: number, feature: number, mode: string, on: string, where: string | number[] }} Place
 *  @typedef {Place & ({ times: number, strength?: undefined } | { strength: number, times?: undefined })} LinkEdit */

const RIVER = 'The old man looked at the river and said nothing.';
const AT_RIVER = 'p=The+old+man+looked+at+the+river+and+said+nothing.';
const few = (/** @type {number} */ maxTokens) => ({ temperature: 0.7, topP: 0.95, seed: 16, maxTokens });
const WITH_CONTROL = { control: true, draw: 1 };

export const FRAGMENTS = [
  {
    name: 'every mode of an edit, on code and pre-activation, at every kind of place, and one that is off',
    fragment: `${AT_RIVER}&s=2&e=2:11a1.5,3:328s-0.5p,2:7c0.75gz,3:1600k0.5@2-4.7z,0:5a-1.25gx&g=0.7,0.95,16,6`,
    means: {
      prompt: RIVER,
      site: 2,
      rows: [
        { feature: '2:11', on: true },
        { feature: '3:328', on: true },
        { feature: '2:7', on: true },
        { feature: '3:1600', on: true },
        { feature: '0:5', on: false },
      ],
      edits: [
        { layer: 2, feature: 11, mode: 'add', times: 1.5, on: 'code', where: 'all' },
        { layer: 3, feature: 328, mode: 'scale', strength: -0.5, on: 'code', where: 'prompt' },
        { layer: 2, feature: 7, mode: 'clamp', times: 0.75, on: 'preactivation', where: 'generated' },
        { layer: 3, feature: 1600, mode: 'ablate', strength: 0.5, on: 'preactivation', where: [2, 3, 4, 7] },
      ],
      sampling: few(6),
      ...WITH_CONTROL,
    },
  },
  {
    name: 'a text of Han characters, packed; greedy',
    fragment: 'u=5oiR5pio5aSp5Y675LqG6Iqx5Zut44CC&s=3&e=3:1600a-3&g=0,1,7,4',
    means: {
      prompt: '我昨天去了花园。',
      site: 3,
      rows: [{ feature: '3:1600', on: true }],
      edits: [{ layer: 3, feature: 1600, mode: 'add', times: -3, on: 'code', where: 'all' }],
      sampling: { temperature: 0, topP: 1, seed: 7, maxTokens: 4 },
      ...WITH_CONTROL,
    },
  },
  {
    name: 'signs that an address has other uses for',
    fragment: 'p=a%2Bb+%26+c%3Dd%0A%25+%23e&e=2:11k1&g=0.7,0.95,16,3',
    means: {
      prompt: 'a+b & c=d\n% #e',
      rows: [{ feature: '2:11', on: true }],
      edits: [{ layer: 2, feature: 11, mode: 'ablate', strength: 1, on: 'code', where: 'all' }],
      sampling: few(3),
      ...WITH_CONTROL,
    },
  },
  {
    name: 'no control; a strength of four decimals',
    fragment: `${AT_RIVER}&s=0&e=2:11a-0.1234&g=1.25,0.5,4294967295,5&k=0`,
    means: {
      prompt: RIVER,
      site: 0,
      rows: [{ feature: '2:11', on: true }],
      edits: [{ layer: 2, feature: 11, mode: 'add', times: -0.1234, on: 'code', where: 'all' }],
      sampling: { temperature: 1.25, topP: 0.5, seed: 4294967295, maxTokens: 5 },
      control: false,
      draw: 1,
    },
  },
  {
    name: 'another draw of the control; on the prompt; scale',
    fragment: `${AT_RIVER}&e=3:328s2p&g=0.7,0.95,16,4&d=3`,
    means: {
      prompt: RIVER,
      rows: [{ feature: '3:328', on: true }],
      edits: [{ layer: 3, feature: 328, mode: 'scale', strength: 2, on: 'code', where: 'prompt' }],
      sampling: few(4),
      control: true,
      draw: 3,
    },
  },
  {
    name: 'what the page opens with: a measured effect, its feature, a locked token',
    fragment:
      'u=V2hlcmUgaXMgdGhlIGtleSB0byB0aGUgZ2FyZGVuPwroirHlm63nmoTpkqXljJnlnKjlk6rph4zvvJ8KTXkgdW5jbGUgc2VsbHMgb2xkIGNsb2Nrcy4K5oiR5Y-U5Y-U5Y2W5pen6ZKf44CCClRoZSBjaGlsZHJlbiBhcmUgd2FpdGluZyBmb3IgdGhlIGJ1cy4K&s=3&t=37&f=1600&e=3:1600a-3&g=0.7,0.95,16,24',
    means: {
      prompt:
        'Where is the key to the garden?\n花园的钥匙在哪里？\nMy uncle sells old clocks.\n我叔叔卖旧钟。\nThe children are waiting for the bus.\n',
      site: 3,
      tokens: [37],
      feature: '3:1600',
      rows: [{ feature: '3:1600', on: true }],
      edits: [{ layer: 3, feature: 1600, mode: 'add', times: -3, on: 'code', where: 'all' }],
      sampling: few(24),
      ...WITH_CONTROL,
    },
  },
  {
    name: 'a locked token, and nothing else: all that is not said is the default',
    fragment: `${AT_RIVER}&t=4`,
    means: {
      prompt: RIVER,
      site: 2,
      tokens: [4],
      colour: 'feature',
      rank: 'relative',
      toPrompt: false,
      first: false,
      dense: false,
      rows: [],
      edits: [],
      sampling: few(48),
      ...WITH_CONTROL,
    },
  },
  {
    name: 'a selection of tokens, ranked by count',
    fragment: `${AT_RIVER}&s=2&t=7-3&v=count&g=0.7,0.95,16,3`,
    means: {
      prompt: RIVER,
      site: 2,
      tokens: [3, 4, 5, 6, 7],
      over: 'count',
      rows: [],
      edits: [],
      sampling: few(3),
      ...WITH_CONTROL,
    },
  },
  {
    name: 'a chosen feature, the text coloured by what the dictionary leaves out',
    fragment: `${AT_RIVER}&s=3&f=40&c=fvu&g=0.7,0.95,16,3`,
    means: {
      prompt: RIVER,
      site: 3,
      feature: '3:40',
      colour: 'fvu',
      rows: [],
      edits: [],
      sampling: few(3),
      ...WITH_CONTROL,
    },
  },
  {
    name: 'coloured by surprisal on the prompt’s own scale, ranked raw, with dense features and position 0',
    fragment: `${AT_RIVER}&s=2&t=1-5&c=surprisal&m=prompt&r=raw&v=mean&h=1&o=1&g=0.7,0.95,16,3`,
    means: {
      prompt: RIVER,
      site: 2,
      tokens: [1, 2, 3, 4, 5],
      colour: 'surprisal',
      toPrompt: true,
      rank: 'raw',
      over: 'mean',
      dense: true,
      first: true,
      rows: [],
      edits: [],
      sampling: few(3),
      ...WITH_CONTROL,
    },
  },
  {
    name: 'a field that nobody knows is passed over; an edit that cannot be read is left out and said',
    fragment: `zz=1&${AT_RIVER}&e=2:11a1,2:7q1&g=0.7,0.95,16,3`,
    means: {
      prompt: RIVER,
      notice: true,
      rows: [{ feature: '2:11', on: true }],
      edits: [{ layer: 2, feature: 11, mode: 'add', times: 1, on: 'code', where: 'all' }],
      sampling: few(3),
      ...WITH_CONTROL,
    },
  },
  {
    name: 'a site and a feature that this model lacks are left out and said',
    fragment: `${AT_RIVER}&s=9&e=2:11a1.25,2:5000a1,9:1a1&g=0.7,0.95,16,3`,
    means: {
      prompt: RIVER,
      site: 2,
      notice: true,
      rows: [{ feature: '2:11', on: true }],
      edits: [{ layer: 2, feature: 11, mode: 'add', times: 1.25, on: 'code', where: 'all' }],
      sampling: few(3),
      ...WITH_CONTROL,
    },
  },
];

/** Queries: what the page asks or plans before anything is fetched. `identity` is what a word of the reader's in this
 *  tab is kept under. */
export const QUERIES = [
  {
    name: 'a repository that the page knows, with a dictionary, a layer and both formats',
    query:
      '?hub=Qwen/Qwen3-1.7B-Base&dictionary=Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_100&layer=10&format=q8&dictionary-format=int8&provider=wasm',
    asks: ['Qwen/Qwen3-1.7B-Base', 'huggingface.co'],
    plan: {
      dictionary: 'Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_100',
      layer: '10',
      format: 'q8',
      dictionaryFormat: 'int8',
      says: ['3.98 GB', 'huggingface.co'],
    },
  },
  {
    name: 'a repository of a mirror, both at revisions of their own',
    query:
      '?hub=Owner/some-model&revision=v1.0&endpoint=https://mirror.example/hub&dictionary=Owner/some-sae&dictionary-revision=branch/a&layer=7&provider=wasm',
    asks: ['Owner/some-model', 'mirror.example'],
    plan: { dictionary: 'Owner/some-sae', layer: '7', says: ['mirror.example'] },
    agreed: 'hub:https://mirror.example/hub Owner/some-model@v1.0 + Owner/some-sae@branch/a',
    fetches: 'https://mirror.example/hub/api/models/Owner/some-model/revision/v1.0',
  },
  {
    name: 'a folder on another site',
    query: '?model=https://models.example/a/folder&provider=wasm',
    asks: ['models.example', 'https://models.example/a/folder/'],
    agreed: 'https://models.example/a/folder/',
    fetches: 'https://models.example/a/folder/config.json',
  },
];
