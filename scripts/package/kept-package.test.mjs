import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { runNode } from '../run/run-command.mjs';

/** The names that others' programs import, call and pass: none of them goes (docs/kept.md). sdk.test.mjs has the
 *  package built and used; here is the whole list, on the entries that it is built from. */

const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { entry: files } = (await import('../../vite.sdk.config.ts')).default.build.lib;

const ERRORS =
  'AbortedError AccessDeniedError AmbiguousDictionaryError ChatTemplateError ContextOverflowError CorruptFileError DamagedStoreError DeviceLostError DisposedError EmptyTextError EngineCrashedError InvalidEditError InvalidOptionError ' +
  'LensError LfsPointerError MissingFileError NonFiniteError RateLimitedError ShapeMismatchError SiteUnavailableError StorageFullError StoreBusyError StoreUnavailableError UnknownKError UnsupportedModelError ' +
  'VerbalizerMismatchError VerbalizerUnavailableError WebGPUUnavailableError';
const COMMON = `${ERRORS} controlOf errorFromData errorToData lensStore neuronpediaFeature neuronpediaSource npy parseRecipe recipeOf recipeWarnings sinksOf throwIfAborted writeRecipe`;
const NAMES = {
  '.': `${COMMON} openFolder openLens`,
  './worker': `${COMMON} openLens`,
  './node': `${COMMON} fileFolder openDirectory`,
};

test.each(Object.keys(NAMES))(
  'the package has the entry %s with all its names',
  async (entry) => {
    expect(entries[entry]).toEqual({
      types: expect.stringMatching(/\.d\.ts$/),
      import: expect.stringMatching(/\.js$/),
    });
    const built = /([^/]+)\.js$/.exec(entries[entry].import)[1];
    const found = await import(resolve(root, files[built]));
    const missing = NAMES[entry].split(' ').filter((name) => typeof found[name] !== 'function');
    expect(missing).toEqual([]);
  },
  540_000,
);

/** A program that uses every documented type, argument and member. */
const PROGRAM = `
import { controlOf, lensStore, openFolder, openLens } from ENTRY;
import type {
  BandOptions, ChangeReport, Chat, ChatSpan, DictionaryFormat, DictionaryFvu, Edit, EditMode, EditReport, Effect, FeatureDataInfo, FeatureInfo, FeatureLabel, FilePart, Folder, GeneratedRow, GenerateOptions, GenerateStep,
  HubSource, Interval, KeptEntry, Lens, LensInfo, LensStore, Message, Moved, NeuronpediaFeature, OpenOptions, Origin, ParityCase, PickedFolder, Preview, Progress, Prompt, Provider, Rate, ReadOptions, Recipe,
  RecipeDictionary, RecipeSampling, RelatedFeature, Role, Score, ScoreControls, Section, SiteCodes, SiteInfo, SiteLabels, Snippet, SnippetToken, SourceRequest, StoreProgress, StoreUsage, Token, TokenLogprob,
  Trace, VectorDirection, VerbalizeOptions, VerbalizerInfo, VerbalizerList, VerbalizerQuality, VerbalizerSource, VerbalizeStep, WeightFormat,
} from ENTRY;
import { openLens as inWorker } from WORKER;
import { fileFolder, openDirectory } from NODE;

const stop = new AbortController();
const asked: Required<OpenOptions> = {
  onProgress: ({ stage, loaded, total }: Progress) => console.log(stage, loaded / total),
  sites: [2],
  provider: 'auto' as 'auto' | Provider,
  signal: stop.signal,
  format: 'auto' as 'auto' | WeightFormat,
  dictionary: 'Owner/name' as string | SourceRequest,
  dictionaryFormat: 'int8' as DictionaryFormat,
  k: 50,
  folders: ['layer_12/width_16k'],
  verbalizer: 'Owner/av, Owner/ar' as Required<OpenOptions>['verbalizer'],
  hub: { revision: 'main', dictionaryRevision: 'main', endpoint: 'https://huggingface.co', token: 'x' },
};
const hub: HubSource = { repo: 'Owner/name', revision: 'main', endpoint: 'https://huggingface.co', token: 'x' };
const picked: PickedFolder = { name: 'folder', files: [{ path: 'config.json', file: new File([], 'config.json') }] };
const sources: (string | SourceRequest)[] = ['models/x/', 'Owner/name', { hub }, { picked }, { url: 'https://x.example/' }, { kept: 'model url x q4' }];
const formats: (Provider | WeightFormat | DictionaryFormat)[] = ['webgpu', 'wasm', 'f32', 'f16', 'q8', 'q4', 'f16', 'int8'];
for (const source of sources) for (const open of [openLens, inWorker]) await open(source, asked);
await openDirectory('models/x', { onProgress: asked.onProgress, sites: [2], signal: stop.signal });
const lens: Lens = await openFolder(fileFolder('models/x') satisfies Folder, { onProgress: asked.onProgress, sites: [2], provider: 'wasm', signal: stop.signal });

const modes: EditMode[] = ['add', 'scale', 'clamp', 'ablate'];
const edits: Edit[] = [
  ...modes.map((mode): Edit => ({ layer: 2, feature: 1, mode, strength: 1, on: 'preactivation', where: [1, 2] })),
  { layer: 2, feature: 1, mode: 'add', strength: 1, on: 'code', where: 'all', direction: 'feature' },
  { layer: 2, feature: 1, mode: 'add', strength: 1, where: 'prompt', direction: { random: 1, of: { vector: new Float32Array(3) } } },
  { layer: 2, mode: 'add', strength: 1, where: 'generated', direction: { vector: new Float32Array(3), relativeToNorm: true } satisfies VectorDirection },
  { layer: 2, feature: 1, mode: 'clamp', strength: 0, where: 'assistant.text', when: '2:1 > 5 in turn' },
  lens.steer({ layer: 2, feature: 1, weight: 1 }),
];
const { info }: { info: LensInfo } = lens;
const facts: [string, string | null, number, Provider, boolean, WeightFormat, Origin | null, number[], Effect[], string[]] = [
  info.model, info.sha256, info.layers + info.d + info.vocabulary + info.contextLength + info.contextOfModel + info.memory.weights + info.memory.dictionaries, info.provider,
  info.software || info.subgroups || info.chat, info.format, info.origin, info.openable, info.effects, [...info.notices, ...info.templates, info.adapter, info.dtype, info.han, info.runtime, String(info.thinking)],
];
const site: SiteInfo = info.sites[0]!;
const ofSite: [number, 'mean' | 'b_dec', number | null, Float32Array | null, string | null, FeatureDataInfo | null, DictionaryFvu | null] =
  [site.layer + site.width + site.k, site.center, site.normMedian, site.maximum ?? site.density, site.sha256, site.features, site.fvu];

const chat: Required<Chat> = { messages: [{ role: 'system', content: 'x' }, { role: 'assistant', content: 'y' }] satisfies Message[], open: true, ids: [1], thinking: true, template: 'default' };
const prompts: Prompt[] = ['x', chat];
const tokens: Token[] = (await Promise.all(prompts.map((prompt) => lens.tokenize(prompt)))).flat();
const { role, turn, section }: ChatSpan = tokens[0]!.span!;
const said: [Role | null, number | null, Section, Chat | null] = [role, turn, section, (await lens.trace(chat, { edits })).chat];
await lens.tokenize('x', { chat: true });
const trace: Trace = await lens.trace('x', { edits, chat: false, signal: stop.signal });
const codes: SiteCodes = trace.site(2);
const numbers: ArrayLike<number>[] = [codes.ids, codes.values, codes.fvu, codes.norm, await trace.residual(2, 0), await trace.surprisal(), await lens.activations(trace, 2, 1, { on: 'code' }), await lens.latents(trace, 2), await lens.decoderRow(2, 1)];
const reports: ChangeReport[] = trace.reports();
const likely: TokenLogprob[] = [...(await trace.top(0, 5)), ...(await trace.lens(2, 0, 5))];
const preview: Preview = await lens.preview(trace, edits, { n: 12, signal: stop.signal });
const open: Uint8Array | undefined = preview.edits[0]?.open;
const { moved, kl, edits: each }: { moved: Moved[]; kl: number; edits: (EditReport | null)[] } = preview;
const drawn: Required<Omit<GenerateOptions, 'signal'>> = { variants: [[], edits, controlOf(edits, 16)], maxTokens: 3, temperature: 0, topP: 1, seed: 1, chat: false, stop: ['.'], repetitionPenalty: 1.1, alternatives: 3, prependBos: true };
for await (const { position, rows, mass, ms } of lens.generate(chat, { ...drawn, signal: stop.signal }) as AsyncIterable<GenerateStep>) {
  const row: GeneratedRow | null = rows[0] ?? null;
  console.log(position, mass, ms, row?.token, row?.text, row?.logprob, row?.codes, row?.acted, row?.change, row?.norm, row?.kl, row?.surprisal, row?.done, row?.gates, row?.alternatives, row?.section);
}
const band: Float32Array[] = await lens.band(prompts[1]!, edits, { seeds: [1], maxTokens: 3, temperature: 0, topP: 1, seed: 1 } satisfies BandOptions);
const feature: FeatureInfo = await lens.feature(2, 1);
const told: [Snippet[], SiteLabels | null, Recipe, VerbalizerList] = [await lens.snippets(2, 1), await lens.labels(2), { ...lens.recipe(edits, { temperature: 0, stop: ['.'] }), conversation: chat }, await lens.verbalizers()];
for await (const step of lens.verbalize(trace, { position: 1, samples: 2, source: 'nla', signal: stop.signal }) as AsyncIterable<VerbalizeStep>) console.log(step.text, step.done);
const scores: [Float32Array, Score, Score[], ScoreControls, SiteCodes] = [await lens.reconstruct('x'), await lens.score('x', trace, 1), await lens.score(['x'], new Float32Array(3)), await lens.controls(trace, 1, { others: ['x'] }), await lens.encode(2, [new Float32Array(3)])];
const next: Lens = await lens.openSites([3], { signal: stop.signal, onProgress: asked.onProgress });
const cases: ParityCase[] = await next.parity({ signal: stop.signal, onCase: ({ ok }) => console.log(ok) });
trace.dispose();
void lens.lost.then(({ reason, message }) => console.log(reason, message));
await lens.close();

const store: LensStore = lensStore();
const list: KeptEntry[] = await store.list();
const usage: StoreUsage = await store.usage();
const damaged: number = await store.verify(list[0]!.key, { signal: stop.signal, onProgress: ({ loaded }: StoreProgress) => console.log(loaded, usage.used) });
export const all = [said, open, formats, facts, ofSite, tokens, numbers, reports, likely, moved, kl, each, band, feature, told, scores, cases, damaged, await store.remove(list[0]!.key)];
export type Others = [FeatureLabel, RelatedFeature, SnippetToken, Interval, Rate, ReadOptions, FilePart, NeuronpediaFeature, RecipeDictionary, RecipeSampling, VerbalizeOptions, VerbalizerInfo, VerbalizerQuality, VerbalizerSource];
`;

test('openLens takes all its documented arguments, and a lens has all its documented members', async () => {
  mkdirSync(join(root, 'test-results'), { recursive: true });
  const folder = mkdtempSync(join(root, 'test-results/kept-'));
  try {
    const at = (name) => JSON.stringify(resolve(root, files[name]));
    writeFileSync(
      join(folder, 'use.ts'),
      PROGRAM.replaceAll('ENTRY', at('index')).replaceAll('WORKER', at('worker')).replaceAll('NODE', at('node')),
    );
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../tsconfig.json',
        compilerOptions: { noUnusedLocals: false },
        include: ['use.ts'],
      }),
    );
    const { status, output } = await runNode([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      cwd: folder,
      idle: 600,
      capture: true,
    });
    expect(output).toBe('');
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 540_000);
