import type { Preview } from '../../lens/api/edit';
import type { Effect } from '../../lens/api/effect';
import type { FeatureInfo, Snippet } from '../../lens/api/feature';
import type { GeneratedRow } from '../../lens/api/generate';
import type { Lens, LensInfo } from '../../lens/api/lens';
import type { SiteCodes } from '../../lens/api/site';
import type { Token } from '../../lens/api/text';
import type { Sampling } from '../base/sampling';
import { STREAMS } from '../base/view';
import type { Labels } from '../features/labels';
import { see } from '../reading/maximum';
import { peak } from '../reading/rank';
import { siteOf } from '../reading/select';
import { type Reading, readingOf } from '../reading/trace';
import { bandSeeds, type EditRow, editsOf } from '../steering/edits';
import { effectRows, effectSampling } from '../steering/examples';
import { type GenerationPlan, type Streams, variantsOf } from '../steering/run';
import { storedMaximum } from '../steering/unit';
import { type RecordedWords, recordWords } from '../words/record-words';
import { putEntries } from '../words/state';
import type { Verbal } from '../words/verbalizer';
import type { History } from './history';
import { completed } from './older-recording';
import type { Answers, Words } from './questions';
import type { Stores } from './stores';

interface Parts extends Stores, Answers {
  labels: Labels;
  history: History;
  verbal: Verbal;
}

/** A trace and a run with their surroundings, recorded on one machine. The page shows the recording until the model is
 *  open on this one. */
export interface Recording {
  info: LensInfo;
  text: string;
  tokens: Token[];
  sites: SiteCodes[];
  surprisal: Float32Array;
  /** What is locked, and at which site. */
  view: { site: number; locked: number; feature: number };
  rows: EditRow[];
  sampling: Sampling;
  words: Words;
  feature: FeatureInfo;
  snippets: Snippet[];
  /** Id and label of the features that are active at the site on show. */
  labels: [id: number, label: string][];
  preview: Preview;
  streams: Streams;
  band: Float32Array[];
  /** The locked token in words. */
  verbal: RecordedWords;
}

/** Tokens of the logit lens. */
const WORDS = 10;

/** Records an effect: its text with the token locked on which its feature is strongest, that token in words, its edit,
 *  and the run of both. */
export async function record(lens: Lens, effect: Effect): Promise<Recording> {
  const [{ layer, feature }] = effect.edits as [Effect['edits'][number]];
  const site = siteOf(lens.info, layer);
  if (!site) throw new Error(`No site ${layer} is open.`);
  const rows = effectRows(effect, (of, id) => storedMaximum(siteOf(lens.info, of), id));
  const sampling = effectSampling(effect);
  const plan: GenerationPlan = {
    prompt: effect.prompt,
    edits: editsOf(rows),
    control: true,
    draw: 1,
    sampling,
  };

  const trace = await lens.trace(effect.prompt);
  const sites = lens.info.sites.map((each) => trace.site(each.layer));
  const values = await lens.activations(trace, layer, feature);
  const locked = values.indexOf(peak(values, values.keys()));
  const codes = Object.fromEntries(sites.map((each) => [each.layer, each]));
  const reading = readingOf(effect.prompt, trace.tokens, codes, await trace.surprisal(), lens.info.sites);
  const [lensWords, next] = await Promise.all([trace.lens(layer, locked, WORDS), trace.top(locked, WORDS)]);
  const named = await lens.labels(layer);
  const active = [...new Set(trace.site(layer).ids)].sort((a, b) => a - b);
  const streams: Streams = { baseline: [], steered: [], control: [] };
  for await (const step of lens.generate(plan.prompt, { variants: variantsOf(plan), ...sampling })) {
    for (const [i, kind] of STREAMS.entries()) {
      const row = step.rows[i];
      if (row) (streams[kind] as GeneratedRow[]).push(row);
    }
  }
  const recording: Recording = {
    // Glyphs are asked for when the model is open.
    info: { ...lens.info, han: '', notices: [] },
    text: effect.prompt,
    tokens: trace.tokens,
    sites,
    surprisal: reading.surprisal,
    view: { site: layer, locked, feature },
    rows,
    sampling,
    words: { lens: lensWords, next },
    feature: await lens.feature(layer, feature),
    snippets: await lens.snippets(layer, feature),
    labels: active.flatMap((id) => (named?.labels[id] ? [[id, named.labels[id]] as [number, string]] : [])),
    preview: await lens.preview(trace, plan.edits, { n: 12 }),
    streams,
    band: await lens.band(plan.prompt, plan.edits, { seeds: bandSeeds(plan.draw), ...sampling }),
    verbal: await recordWords(lens, trace, reading, locked),
  };
  trace.dispose();
  return recording;
}

/** Facts about the model that an older recording lacks. */
const unrecorded = ({
  sites,
  contextLength,
}: LensInfo): Pick<LensInfo, 'format' | 'origin' | 'openable' | 'memory' | 'contextOfModel' | 'bos'> => ({
  format: 'f32',
  origin: null,
  openable: sites.map(({ layer }) => layer),
  memory: { weights: 0, dictionaries: 0 },
  contextOfModel: contextLength,
  bos: null,
});

/** Shows a recording, to be replaced part by part once the model at `url` is open. If a model is open already, does
 *  nothing and returns false. */
export function showRecording(bench: Parts, url: string, recording: Recording): boolean {
  const { lens, info: known } = bench.engine.store.getState();
  if (lens || known) return false;
  const {
    info,
    text,
    tokens,
    sites,
    surprisal,
    view,
    rows,
    sampling,
    words,
    feature,
    snippets,
    labels,
    preview,
    streams,
    band,
    verbal,
  } = completed(recording);
  // The recording gets this page's address, so that opening the model keeps what is on show.
  bench.engine.store.setState({ url, info: { ...unrecorded(info), ...info, model: url } });
  const reading = readingOf(
    text,
    tokens,
    Object.fromEntries(sites.map((codes) => [codes.layer, codes])),
    surprisal,
    info.sites,
  );
  const seen = info.sites.reduce((all, site) => see(all, site, reading.sites[site.layer]!), {});
  bench.tracer.store.setState({ text, reading, recorded: reading, seen, serial: 1 });
  bench.steering.store.setState({ rows, control: true, draw: 1 });
  bench.sampling.setState(sampling, true);
  bench.view.set({ site: view.site, locked: view.locked, feature: view.feature });
  const told = { key: 'recorded', answered: 'recorded', error: null };
  bench.words.store.setState({ ...told, value: words });
  bench.feature.store.setState({ ...told, value: feature });
  bench.snippets.store.setState({ ...told, value: snippets });
  bench.preview.store.setState({ ...told, value: preview });
  bench.verbal.store.setState({ infos: verbal.sources });
  const said = { ...verbal.record, model: url };
  putEntries(bench.verbal.store, [{ record: said, state: 'done', recorded: verbal.answers }]);
  bench.labels.show(view.site, siteOf(info, view.site)?.width ?? 0, labels);
  const edits = editsOf(rows);
  bench.runner.store.setState({
    status: 'done',
    plan: { prompt: text, edits, control: true, draw: 1, sampling },
    streams,
    band,
    stale: false,
    recorded: true,
  });
  bench.history.restart();
  return true;
}

/** How this machine's codes of the recorded text differ from the recording's. */
export interface Reproduction {
  /** Largest |difference| of a latent over all sites, positions and slots of the same feature. */
  delta: number;
  /** Slots with another feature. */
  moved: number;
}

export function reproduction(recorded: Reading, live: Reading): Reproduction | null {
  if (recorded.text !== live.text || recorded.count !== live.count) return null;
  let delta = 0;
  let moved = 0;
  for (const [layer, codes] of Object.entries(recorded.sites)) {
    const own = live.sites[Number(layer)];
    if (!own || own.ids.length !== codes.ids.length) return null;
    for (let slot = 0; slot < codes.ids.length; slot++) {
      if (own.ids[slot] !== codes.ids[slot]) moved++;
      else delta = Math.max(delta, Math.abs(own.values[slot]! - codes.values[slot]!));
    }
  }
  return { delta, moved };
}
