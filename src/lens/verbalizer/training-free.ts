import { ContextOverflowError, throwIfAborted } from '../api/errors';
import type { VerbalizerInfo, VerbalizerSource, VerbalizeStep } from '../api/verbalizer';
import { rowsThatFit } from '../engine/context';
import type { Engine } from '../engine/engine';
import type { Model } from '../engine/model';
import { type Candidates, type Sampled, sample } from '../engine/sampler';
import { Scope } from '../engine/scope';
import { TextStream, type Tokenizer } from '../engine/tokenizer';
import { checkpointBytes } from '../folders/nla-files';
import { sampleSeed } from '../maths/random';
import type { Source } from '../sources/source';
import { CutModel } from './cut-model';
import { Lockstep } from './lockstep';
import { type Patch, runPatched } from './patch';
import { relevancy, shadowLogprobs } from './relevancy';
import type { DeviceContext, VectorTarget, VerbalizeRun, WordSource } from './source';

/** Most answers written at once, if their keys and values fit; each has a shadow beside it. */
const MOST_ANSWERS = 32;

/** A way to ask a model what its own residual means, without any training. */
export interface PromptRecipe {
  source: VerbalizerSource;
  name: string;
  /** Block whose output the vector replaces; null: the block behind which the vector was read. */
  layer: number | null;
  maxTokens: number;
  /** The answer ends with its line. */
  oneLine: boolean;
  /** The prompt, and the positions at which the vector goes in. */
  prompt(tokenizer: Tokenizer): { ids: number[]; positions: number[] };
}

interface Answer {
  target: VectorTarget;
  sample: number;
  seed: number;
  stream: TextStream;
  text: string;
  next: number;
}

/** A recipe on the open model. Every answer has a shadow: the same prompt without the vector, fed the answer's own
 *  tokens, so that the relevancy of each token is taken at equal prefix. */
export class TrainingFree implements WordSource {
  readonly info: VerbalizerInfo;
  /** The model cut at the recipe's own layer. Null if it has none: the model is cut at every open site anyway. */
  private readonly cut: CutModel | null;

  constructor(
    private readonly engine: Engine,
    private readonly host: DeviceContext,
    private readonly folder: Source,
    private readonly recipe: PromptRecipe,
  ) {
    const { source, name, layer, maxTokens } = recipe;
    this.cut = layer === null ? null : new CutModel(engine, host, folder, layer);
    const memory = this.cut?.memory ?? 0;
    this.info = {
      source,
      name,
      layer: null,
      scores: false,
      variance: null,
      quality: null,
      bytes: 0,
      memory,
      maxTokens,
      temperature: 0,
    };
  }

  /** `info`, with the bytes that the first use loads. */
  async described(): Promise<VerbalizerInfo> {
    return this.info.memory === 0 ? this.info : { ...this.info, bytes: await checkpointBytes(this.folder) };
  }

  async *verbalize(targets: readonly VectorTarget[], run: VerbalizeRun): AsyncGenerator<VerbalizeStep> {
    const { tokenizer } = this.engine;
    const { ids, positions } = this.recipe.prompt(tokenizer);
    const room = this.engine.model.config.contextLength;
    if (ids.length >= room) {
      throw new ContextOverflowError(
        `The prompt of ${this.info.name} has ${ids.length} tokens, the model's context holds ${room}. Use another model.`,
        {
          room,
        },
      );
    }
    const model = this.cut ? await this.cut.get(run) : this.engine.model;
    const patch = { ids, positions, layer: this.recipe.layer ?? run.layer! };
    const answers = targets.flatMap((target) =>
      Array.from({ length: run.samples }, (_, sample): Answer => {
        const seed = sampleSeed(run.seed, target.position, sample);
        return { target, sample, seed, stream: new TextStream(tokenizer), text: '', next: 0 };
      }),
    );
    const tokens = Math.min(run.maxTokens, room - ids.length + 1);
    const fit = Math.floor(rowsThatFit(model.config, ids.length + tokens, model.room) / 2);
    const most = Math.max(1, Math.min(MOST_ANSWERS, fit));
    for (let from = 0; from < answers.length; from += most)
      yield* this.together(model, patch, answers.slice(from, from + most), tokens, run);
  }

  /** Rows of the batch: the answers, then the shadow of each. */
  private async *together(
    model: Model,
    patch: Patch,
    answers: Answer[],
    tokens: number,
    run: VerbalizeRun,
  ): AsyncGenerator<VerbalizeStep> {
    const { host } = this;
    const { temperature, signal } = run;
    const n = answers.length;
    const scope = new Scope(model.compute);
    try {
      const batch = new Lockstep(scope, model, 2 * n, patch.ids.length, tokens - 1, host.wholeRow);
      await host.queue.run(() => this.begin(model, batch, patch, answers, signal));
      for (let step = 0; ; step++) {
        throwIfAborted(signal);
        const [drawn, without] = await host.queue.run(async () => {
          const read = await batch.candidates();
          const drawn = drawAll(read, answers, temperature, step);
          return [drawn, await shadowLogprobs(batch, read, drawn, n)] as const;
        });
        const ended: number[] = [];
        for (const [at, token] of drawn) {
          const answer = answers[at]!;
          answer.next = token.id;
          const done = this.say(answer, token.id, step + 1 >= tokens);
          if (done) ended.push(at);
          const { target, sample, text } = answer;
          yield {
            position: target.position,
            sample,
            token: token.id,
            text: text.trimStart(),
            relevancy: relevancy(token.logprob, without.get(at)!),
            done,
          };
        }
        throwIfAborted(signal);
        const over = await host.queue.run(async () => {
          for (const at of ended) for (const row of [at, n + at]) batch.drop(row);
          if (batch.empty) return true;
          await batch.step((row) => answers[row % n]!.next);
          return false;
        });
        if (over) return;
      }
    } finally {
      scope.release();
    }
  }

  private begin(model: Model, batch: Lockstep, patch: Patch, answers: Answer[], signal?: AbortSignal): Promise<void> {
    const targets = [...new Set(answers.map(({ target }) => target))];
    const vectors = [null, ...targets.map(({ vector }) => vector)];
    const n = answers.length;
    return runPatched(
      model,
      patch,
      vectors,
      (index, kv, h, last) => {
        for (const [at, { target }] of answers.entries()) {
          if (index === 0) batch.take(n + at, kv, h, last);
          else if (target === targets[index - 1]) batch.take(at, kv, h, last);
        }
      },
      signal,
    );
  }

  /** Adds a token to the answer's text; returns whether it ends the answer. A special token ends it without text. */
  private say(answer: Answer, token: number, last: boolean): VerbalizeStep['done'] {
    const { tokenizer, model } = this.engine;
    const stop = model.config.eos.includes(token) || tokenizer.isSpecial(token);
    if (!stop) answer.text += answer.stream.push(token);
    const line = this.recipe.oneLine ? answer.text.indexOf('\n') : -1;
    if (line >= 0) {
      answer.text = answer.text.slice(0, line);
      return 'stop';
    }
    const done = stop ? 'stop' : last ? 'length' : null;
    if (done) answer.text += answer.stream.end();
    return done;
  }

  async release(): Promise<void> {
    await this.cut?.release();
  }
}

function drawAll(
  read: ReadonlyMap<number, Candidates>,
  answers: readonly Answer[],
  temperature: number,
  step: number,
): Map<number, Sampled> {
  const drawn = new Map<number, Sampled>();
  for (const [at, { seed }] of answers.entries()) {
    const candidates = read.get(at);
    if (candidates) drawn.set(at, sample(candidates, { temperature, topP: 1, seed }, step));
  }
  return drawn;
}
