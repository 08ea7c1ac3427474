export interface Dispatched {
  total: number;
  /** The pipeline's label of each, in order. */
  labels: string[];
}

/** Counts every dispatch of the page while `work` runs, ONNX Runtime's and our own alike. Not for two at once. */
export async function countDispatches(work: () => Promise<void> | void): Promise<Dispatched> {
  const prototype = GPUComputePassEncoder.prototype;
  const { setPipeline, dispatchWorkgroups, dispatchWorkgroupsIndirect } = prototype;
  const current = new WeakMap<GPUComputePassEncoder, string>();
  const labels: string[] = [];
  prototype.setPipeline = function (pipeline) {
    current.set(this, pipeline.label);
    return setPipeline.call(this, pipeline);
  };
  prototype.dispatchWorkgroups = function (...counts) {
    labels.push(current.get(this) ?? '');
    return dispatchWorkgroups.apply(this, counts);
  };
  prototype.dispatchWorkgroupsIndirect = function (buffer, offset) {
    labels.push(current.get(this) ?? '');
    return dispatchWorkgroupsIndirect.call(this, buffer, offset);
  };
  try {
    await work();
  } finally {
    Object.assign(prototype, { setPipeline, dispatchWorkgroups, dispatchWorkgroupsIndirect });
  }
  return { total: labels.length, labels };
}
