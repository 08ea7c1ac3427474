import { adapterName, isSoftware } from '../api/adapter';
import { WebGPUUnavailableError } from '../api/errors';

export interface Gpu {
  device: GPUDevice;
  name: string;
  software: boolean;
  subgroups: boolean;
}

const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;

/** Features to ask a device for. ONNX Runtime's attention is silently wrong from 32 tokens on where subgroups have size
 *  4 (the software adapter's), so subgroups are asked for from size 8 on. */
export function wantedFeatures(
  adapter: Pick<GPUAdapter, 'features' | 'info'>,
  allowSubgroups: boolean,
): GPUFeatureName[] {
  const wanted = ['shader-f16'];
  if (allowSubgroups && (adapter.info.subgroupMinSize ?? 0) >= 8) wanted.push('subgroups', 'subgroup-size-control');
  return wanted.filter((f) => adapter.features.has(f)) as GPUFeatureName[];
}

/** One device for everything: ONNX Runtime's sessions and our own kernels, at the adapter's own limits. */
export async function openGpu(allowSubgroups: boolean): Promise<Gpu> {
  if (typeof navigator === 'undefined' || !navigator.gpu) {
    throw new WebGPUUnavailableError(
      'This browser has no WebGPU. Use a current Chrome, Edge, Safari or Firefox, or open with provider "wasm".',
    );
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new WebGPUUnavailableError(
      'WebGPU found no GPU on this machine. Check the browser’s hardware acceleration, or open with provider "wasm".',
    );
  const requiredFeatures = wantedFeatures(adapter, allowSubgroups);
  const requiredLimits = Object.fromEntries(limits.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits }).catch((cause: unknown) => {
    throw new WebGPUUnavailableError(
      `The GPU refused to open a device (${String(cause)}). Restart the browser, or open with provider "wasm".`,
    );
  });
  return {
    device,
    name: adapterName(adapter.info),
    software: isSoftware(adapter.info),
    subgroups: requiredFeatures.includes('subgroups'),
  };
}
