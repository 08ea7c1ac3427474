export interface Dispatched {
  total: number;
  /** Labels of our own kernels' pipelines, in order. */
  ours: string[];
}

/** Our pipelines are labelled with their kernels' names, in lower case; ONNX Runtime's have no label, or an operator's
 *  name. */
const isOurs = (label: string) => /^[a-z]/.test(label);

/** Counts every dispatch of the page while `work` runs, ONNX Runtime's and our own alike. Not for two at once. */
export async function countDispatches(work: () => Promise<void> | void): Promise<Dispatched> {
  const prototype = GPUComputePassEncoder.prototype;
  const { setPipeline, dispatchWorkgroups, dispatchWorkgroupsIndirect } = prototype;
  const current = new WeakMap<GPUComputePassEncoder, string>();
  const labels: string[] = [];
  const note = (pass: GPUComputePassEncoder) => labels.push(current.get(pass) ?? '');
  prototype.setPipeline = function (pipeline) {
    current.set(this, pipeline.label);
    return setPipeline.call(this, pipeline);
  };
  prototype.dispatchWorkgroups = function (...counts) {
    note(this);
    return dispatchWorkgroups.apply(this, counts);
  };
  prototype.dispatchWorkgroupsIndirect = function (buffer, offset) {
    note(this);
    return dispatchWorkgroupsIndirect.call(this, buffer, offset);
  };
  try {
    await work();
  } finally {
    Object.assign(prototype, { setPipeline, dispatchWorkgroups, dispatchWorkgroupsIndirect });
  }
  return { total: labels.length, ours: labels.filter(isOurs) };
}
