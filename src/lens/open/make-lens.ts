import type { LensInfo } from '../api/lens';
import type { Site } from '../dictionary/site';
import { WHOLE_ROW } from '../engine/candidates';
import type { Gpu } from '../engine/device';
import type { Model } from '../engine/model';
import { Queue } from '../engine/queue';
import { deviceLost, type Runtime } from '../engine/runtime';
import type { Tokenizer } from '../engine/tokenizer';
import type { DecoderConfig } from '../folders/config';
import { EngineLens, type LensResources } from '../lens';
import type { Source } from '../sources/source';

/** Facts that only the opener knows; the rest of LensInfo follows from the lens's parts. */
type Facts = Pick<
  LensInfo,
  | 'model'
  | 'sha256'
  | 'effects'
  | 'adapter'
  | 'dtype'
  | 'format'
  | 'origin'
  | 'openable'
  | 'memory'
  | 'contextOfModel'
  | 'notices'
>;

interface LensParts {
  facts: Facts;
  config: DecoderConfig;
  tokenizer: Tokenizer;
  model: Model;
  sites: Site[];
  runtime: Runtime;
  gpu: Gpu | null;
  folder: Source;
  pair: LensResources['pair'];
  weights: LensResources['weights'];
  withSites: LensResources['withSites'];
  release: LensResources['release'];
}

export function makeLens({
  facts,
  config,
  tokenizer,
  model,
  sites,
  runtime,
  gpu,
  ...resources
}: LensParts): EngineLens {
  const info: LensInfo = {
    ...facts,
    layers: config.layers,
    d: config.d,
    vocabulary: config.vocabularySize,
    sites: sites.map((site) => site.info),
    provider: gpu ? 'webgpu' : 'wasm',
    software: gpu?.software ?? false,
    subgroups: gpu?.subgroups ?? false,
    contextLength: config.contextLength,
    chat: tokenizer.templates.length > 0,
    templates: tokenizer.templates,
    thinking: tokenizer.knowsThinking,
    bos: tokenizer.first.length ? tokenizer.decode(tokenizer.first) : null,
    han: tokenizer.hanCharacters(),
    runtime: runtime.flavour,
  };
  const queue = new Queue();
  return new EngineLens(
    { model, sites, tokenizer, queue, wholeRow: WHOLE_ROW },
    info,
    { ...resources, runtime, gpu },
    gpu ? watch(gpu.device, queue) : new Promise<never>(() => {}),
  );
}

/** Breaks the queue when the device is lost or refuses work: after a refusal a read would return an earlier result. */
function watch(device: GPUDevice, queue: Queue): Promise<{ reason: string; message: string }> {
  return new Promise((resolve) => {
    const fail = (reason: string, message: string) => {
      if (queue.broken) return;
      queue.break(deviceLost(message));
      resolve({ reason, message });
    };
    void device.lost.then(({ reason, message }) => fail(reason, message));
    device.addEventListener('uncapturederror', ({ error }) => fail('refused', error.message));
  });
}
