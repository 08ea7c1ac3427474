import type { Edit } from '../src/lens/api/edit';
import { Site } from '../src/lens/dictionary/site';
import { Batch } from '../src/lens/engine/batch';
import { WHOLE_ROW } from '../src/lens/engine/candidates';
import type { Gpu } from '../src/lens/engine/device';
import type { Engine } from '../src/lens/engine/engine';
import { Model } from '../src/lens/engine/model';
import { Queue } from '../src/lens/engine/queue';
import type { Runtime } from '../src/lens/engine/runtime';
import { Scope } from '../src/lens/engine/scope';
import { setUp } from '../src/lens/engine/setup';
import { TextFacts } from '../src/lens/engine/text-facts';
import { openTokenizer } from '../src/lens/engine/tokenizer-files';
import { type DecoderConfig, openConfig } from '../src/lens/folders/config';
import { ownDictionaries } from '../src/lens/folders/dictionaries';
import { openWeights } from '../src/lens/folders/weights';
import type { Compute } from '../src/lens/kernels/compute';
import { controlOf } from '../src/lens/maths/control';
import { smallUrlSource } from '../src/lens/sources/url';

/** What a decode step carries besides the model: nothing, the cuts alone, the codes at every cut, edits on every row
 *  but the first, the same edits with a gate each, or edits and their control along a random direction. */
export type Carries = 'nothing' | 'cuts' | 'codes' | 'edits' | 'gated edits' | 'controls';

export const PROMPT = Int32Array.from({ length: 16 }, (_, i) => 100 + 37 * i);
const ROOM = 64;

/** The model twice on one device: whole, and cut at every dictionary's site. */
export class DecodeBench {
  private constructor(
    readonly engine: Engine,
    private readonly whole: Model,
  ) {}

  static async open(url: string, on: { gpu: Gpu; runtime: Runtime; compute: Compute }): Promise<DecodeBench> {
    const folder = smallUrlSource(url);
    const config: DecoderConfig = await openConfig(folder);
    const weights = await openWeights(folder);
    const { first, open } = await ownDictionaries(folder, config);
    const saes = await Promise.all([...first].sort((a, b) => a - b).map((layer) => open(layer)));
    const tokenizer = await openTokenizer(folder, config);
    const whole = await Model.create({ config, weights, sites: [], ...on });
    const model = await Model.create({ config, weights, sites: saes.map((sae) => sae.layer), ...on });
    const sites = saes.map((sae) => Site.open(sae, on.compute));
    return new DecodeBench({ model, sites, tokenizer, queue: new Queue(), wholeRow: WHOLE_ROW }, whole);
  }

  /** Cuts of the hooked model. */
  get cuts(): number {
    return this.engine.model.parts.length - 1;
  }

  /** Edits of variant `row`: one feature clamped at every site, for the generated tokens only; none for variant 0. */
  private edits(row: number): Edit[] {
    if (row === 0) return [];
    return this.engine.sites.map((site) => ({
      layer: site.layer,
      feature: row,
      mode: 'clamp',
      on: 'preactivation',
      strength: 4,
      where: 'generated',
    }));
  }

  /** Variants of a run of `rows` rows. With controls, of which there must be 3 rows: baseline, steered, control. */
  variants(carries: Carries, rows: number): Edit[][] {
    if (carries === 'controls') return [[], this.edits(1), controlOf(this.edits(1), 1)];
    const gated = (edit: Edit) => ({ ...edit, when: `${edit.layer}:${edit.feature} > 0` });
    return Array.from({ length: rows }, (_, row) => {
      if (carries === 'gated edits') return this.edits(row).map(gated);
      return carries === 'edits' ? this.edits(row) : [];
    });
  }

  /** A batch after the prompt, ready to step. */
  async start(carries: Carries, rows: number): Promise<{ batch: Batch; release(): void }> {
    const sites = carries === 'nothing' || carries === 'cuts' ? [] : this.engine.sites;
    const model = carries === 'nothing' ? this.whole : this.engine.model;
    const scope = new Scope(model.compute);
    const setup = setUp(this.variants(carries, rows), sites, model.config.d);
    const batch = new Batch(scope, model, sites, setup, setup.specs, PROMPT.length + ROOM);
    await batch.start(new TextFacts({ ids: PROMPT }, this.engine.tokenizer));
    return { batch, release: () => scope.release() };
  }

  async release(): Promise<void> {
    await this.engine.model.release();
    await this.whole.release();
  }
}

/** Steps a batch with the same tokens again and again: what they are does not change what a step costs. */
export async function step(batch: Batch, rows: number, compute: Compute): Promise<void> {
  await batch.step(new Int32Array(rows).fill(200));
  compute.flush();
}
