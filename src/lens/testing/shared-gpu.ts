/**
 * Set up once for the page in which all files of the `gpu` project run, one after the other: whoever asks for a device
 * with the same features and limits gets the same one, and a pipeline is compiled once. On a software adapter compiling
 * takes longer than most tests, and every lens that is opened asks for the same kernels.
 *
 * A shared device is not destroyed. A test about a device that goes asks for one of its own: `ownDevice`.
 */

interface Shared {
  request: GPUAdapter['requestDevice'];
  devices: Map<string, Promise<GPUDevice>>;
  own: boolean;
}

const scope = globalThis as typeof globalThis & { lensletShared?: Shared };

/** A text that is equal for equal descriptors: what they refer to is named by what it was made of. */
function keyOf(value: unknown, names: WeakMap<object, string>): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === 'label') return undefined;
    return typeof part === 'object' && part !== null ? (names.get(part) ?? part) : part;
  });
}

/** Makes the device remember what it compiled. */
function keepPipelines(device: GPUDevice): GPUDevice {
  const names = new WeakMap<object, string>();
  const pipelines = new Map<string, GPUComputePipeline>();
  const own = {
    shader: device.createShaderModule.bind(device),
    bindGroup: device.createBindGroupLayout.bind(device),
    layout: device.createPipelineLayout.bind(device),
    pipeline: device.createComputePipeline.bind(device),
    later: device.createComputePipelineAsync.bind(device),
  };
  const named = <D extends object, T extends object>(make: (descriptor: D) => T, kind: string) =>
    ((descriptor: D) => {
      const made = make(descriptor);
      names.set(made, `${kind} ${keyOf(descriptor, names)}`);
      return made;
    }) as (descriptor: D) => T;
  const keep = (key: string, pipeline: GPUComputePipeline) => {
    pipelines.set(key, pipeline);
    return pipeline;
  };
  return Object.assign(device, {
    createShaderModule: named(own.shader, 'shader'),
    createBindGroupLayout: named(own.bindGroup, 'bind group'),
    createPipelineLayout: named(own.layout, 'layout'),
    createComputePipeline(descriptor: GPUComputePipelineDescriptor) {
      const key = keyOf(descriptor, names);
      return pipelines.get(key) ?? keep(key, own.pipeline(descriptor));
    },
    async createComputePipelineAsync(descriptor: GPUComputePipelineDescriptor) {
      const key = keyOf(descriptor, names);
      return pipelines.get(key) ?? keep(key, await own.later(descriptor));
    },
    destroy() {},
  });
}

function install(): Shared {
  const shared: Shared = { request: GPUAdapter.prototype.requestDevice, devices: new Map(), own: false };
  GPUAdapter.prototype.requestDevice = function (descriptor) {
    if (shared.own) return shared.request.call(this, descriptor);
    const key = JSON.stringify([[...(descriptor?.requiredFeatures ?? [])].sort(), descriptor?.requiredLimits]);
    const found = shared.devices.get(key) ?? shared.request.call(this, descriptor).then(keepPipelines);
    shared.devices.set(key, found);
    // The next file does not get one that is gone, or the refusal of one.
    const forget = () => {
      if (shared.devices.get(key) === found) shared.devices.delete(key);
    };
    found.then((device) => device.lost).then(forget, forget);
    return found;
  };
  return shared;
}

scope.lensletShared ??= install();

/** Runs `action`, whose devices are its own, to lose or to destroy. */
export async function ownDevice<T>(action: () => Promise<T>): Promise<T> {
  scope.lensletShared!.own = true;
  try {
    return await action();
  } finally {
    scope.lensletShared!.own = false;
  }
}
