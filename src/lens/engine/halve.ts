import { halving } from '../kernels/snippets';

/** float32 to float16 on the device, ties to even. Two numbers a thread. */
const SOURCE = /* wgsl */ `
@group(0) @binding(0) var<storage, read> numbers: array<u32>;
@group(0) @binding(1) var<storage, read_write> halves: array<u32>;
${halving}
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256u + id.x;
  let count = arrayLength(&numbers);
  if (2u * at >= count) { return; }
  var word = halved(numbers[2u * at]);
  if (2u * at + 1u < count) { word |= halved(numbers[2u * at + 1u]) << 16u; }
  halves[at] = word;
}
`;

/** Most workgroups in a row: WebGPU's own limit on every device. */
const ROW = 65_535;

/** Queues the conversion: halves[i] = float16 of numbers[i], for the first `count` numbers of the buffer. */
export function recordHalves(device: GPUDevice, numbers: GPUBuffer, count: number, halves: GPUBuffer): void {
  const module = device.createShaderModule({ code: SOURCE, label: 'halve' });
  const pipeline = device.createComputePipeline({ label: 'halve', layout: 'auto', compute: { module } });
  const entries = [
    { binding: 0, resource: { buffer: numbers, size: count * 4 } },
    { binding: 1, resource: { buffer: halves } },
  ];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  const groups = Math.ceil(count / 512);
  pass.dispatchWorkgroups(Math.min(groups, ROW), Math.ceil(groups / ROW));
  pass.end();
  device.queue.submit([encoder.finish()]);
}
