import { LensError } from '../api/errors';
import type { Opening } from '../api/request';
import type { Gpu } from '../engine/device';
import { Model } from '../engine/model';
import { type ActivationsProbe, probeActivations } from '../engine/probe';
import type { ResidentWeights } from '../engine/resident';
import type { Runtime } from '../engine/runtime';
import type { DecoderConfig } from '../folders/config';
import type { Compute } from '../kernels/compute';

type HalvesProbe = Pick<ActivationsProbe, 'ok' | 'sentence'>;

/** Compares half-float activations with float32 on the same weights. */
export async function probeHalves(
  {
    config,
    runtime,
    asked,
  }: { config: DecoderConfig; runtime: Runtime; asked: Pick<Opening, 'signal' | 'onProgress'> },
  gpu: Gpu,
  weights: ResidentWeights,
  compute: Compute,
): Promise<HalvesProbe> {
  const { signal, onProgress } = asked;
  onProgress?.({ stage: 'probe', loaded: 0, total: 1 });
  const models: Model[] = [];
  // The models are cut at the middle layer, where dictionaries are read most often.
  const how = { config, weights, sites: [Math.floor(config.layers / 2)], runtime, gpu, compute, signal };
  try {
    const whole = await Model.create(how);
    models.push(whole);
    const probed = await unlessRefused(async () => {
      const halves = await Model.create({ ...how, activations: 'float16' });
      models.push(halves);
      return probeActivations(whole, halves);
    });
    onProgress?.({ stage: 'probe', loaded: 1, total: 1 });
    return probed;
  } finally {
    for (const model of models) await model.release().catch(() => {});
  }
}

/** If half floats fail to run, the model opens with float32 instead. */
export async function unlessRefused(probe: () => Promise<HalvesProbe>): Promise<HalvesProbe> {
  try {
    return await probe();
  } catch (error) {
    if (error instanceof LensError) throw error;
    return { ok: false, sentence: `Half floats could not be run (${String(error)}): activations are float32.` };
  }
}
