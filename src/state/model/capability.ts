import type { WeightFormat } from '../../lens/api/model';
import { bytesSay, count } from '../../lens/maths/figures';
import { refusedWasm, WASM_ADDRESSES, type WasmMemory } from '../../lens/sizes';
import type { ProviderChoice } from './model-url';

/** What the browser reports about itself and the machine. Null: not reported. */
export interface Machine {
  /** https or localhost: without it there is neither WebGPU nor a store. */
  secure: boolean;
  webgpu: 'none' | 'no adapter' | 'adapter';
  /** Why there is no adapter, or the GPU's name. */
  adapter: string;
  software: boolean;
  maxBuffer: number;
  maxBinding: number;
  halves: boolean;
  store: boolean;
  used: number | null;
  quota: number | null;
  persisted: boolean;
  /** GB of main memory, as the browser rounds it; 8 stands for 8 or more. */
  memory: number | null;
}

/** What a model needs, in bytes. */
export interface Need {
  memory: number;
  /** Bytes on the disk, beyond those that are kept already. */
  disk: number;
  largest: number;
  format: WeightFormat;
  /** The weights lie in this browser in that format. */
  kept: boolean;
  download: number;
  /** On WebAssembly; null where nobody knows yet. */
  wasm: WasmNeed | null;
}

export interface WasmNeed {
  memory: WasmMemory;
  /** Tokens that a text may have there, where that is less than the model allows; else null. */
  context: number | null;
  /** How long it takes, in a sentence. */
  time: string;
}

/** One thing that was checked. `no`: it cannot be opened like this. `doubt`: it may turn out so. */
export interface Finding {
  about: 'webgpu' | 'gpu' | 'buffers' | 'halves' | 'wasm' | 'time' | 'store' | 'room' | 'memory';
  answer: 'yes' | 'doubt' | 'no';
  says: string;
}

/** Room that must be left: the browser refuses to fill its share to the last byte. */
const SPARE = 1.05;

/** Whether a kept model opens on WebAssembly: where that is asked for, where no GPU is there but software, or one that
 *  does not compute with the half floats that the weights are kept in. `kept`: their format, where they are kept. */
export const onWasm = (
  { webgpu, software, halves }: Machine,
  provider: ProviderChoice,
  kept?: WeightFormat | null,
): boolean =>
  provider === 'wasm' || (provider === 'auto' && (webgpu !== 'adapter' || software || (kept === 'f16' && !halves)));

/** Says what this machine can do for a model: a sentence per finding, refusals with their reason. If `need` is null,
 *  nobody knows yet what the model needs, and only the needs of every large model are checked. */
export function assess(machine: Machine, need: Need | null, provider: ProviderChoice = 'auto'): Finding[] {
  const wasm = onWasm(machine, provider, need?.kept ? need.format : null);
  if (!need) {
    const any: Need = { memory: 0, disk: 0, largest: 0, format: 'q8', kept: false, download: 0, wasm: null };
    return [
      ...(wasm ? wasmFindings(machine, any, provider) : gpuFindings(machine, any)),
      ...storeFindings(machine, any),
    ].filter(({ about }) => about !== 'buffers' && about !== 'room');
  }
  return wasm
    ? [...wasmFindings(machine, need, provider), ...storeFindings(machine, need)]
    : [...gpuFindings(machine, need), ...storeFindings(machine, need), ...memoryFindings(machine, need)];
}

/** Why there is no GPU to use, and what its place is taken by. */
function wasmFindings(machine: Machine, { wasm }: Need, provider: ProviderChoice): Finding[] {
  const why = noGpuSays(machine, provider);
  const instead = doubt('webgpu', `${why} WebAssembly runs it, on the processor.`);
  if (!wasm) {
    const limit = `as float32 and with what opening takes, in ${bytesSay(WASM_ADDRESSES)}`;
    return [
      doubt('webgpu', why),
      doubt('wasm', `WebAssembly runs a model that fits, ${limit}: known once its configuration is read.`),
    ];
  }
  const refused = refusedWasm(wasm.memory, machine.memory);
  if (refused) {
    const ends = refused.of === 'addresses' ? 'WebAssembly’s memory ends at' : 'this computer has about';
    return [
      doubt('webgpu', why),
      no(
        'memory',
        `Needs ${bytesSay(refused.bytes)} of memory in float32, and ${ends} ${bytesSay(refused.limit)}. It takes a GPU.`,
      ),
    ];
  }
  return [instead, doubt('time', wasm.time), yes('memory', roomSays(wasm))];
}

function roomSays({ memory: { whole }, context }: WasmNeed): string {
  const takes = `Takes up to ${bytesSay(whole)} of memory while it opens: weights are float32 there.`;
  return context === null ? takes : `${takes} What is left has room for texts of ${count(context)} tokens.`;
}

function noGpuSays({ secure, webgpu, adapter, software }: Machine, provider: ProviderChoice): string {
  if (provider === 'wasm') return 'WebGPU is not asked for (provider=wasm).';
  if (webgpu === 'adapter' && !software)
    return 'It is kept as f16, and this GPU does not compute with half floats (shader-f16).';
  if (software) return `The GPU is software on the processor (${adapter}).`;
  if (webgpu === 'no adapter')
    return `WebGPU finds no GPU${adapter && ` (${adapter})`}; hardware acceleration may be off in the browser’s settings.`;
  return secure
    ? 'No WebGPU in this browser. Current versions of Chrome, Edge, Safari and Firefox have it.'
    : 'No WebGPU: the browser gives it to pages of https or localhost only, and this one is neither.';
}

/** Of a GPU that is there, or was asked for by name. */
function gpuFindings(machine: Machine, need: Need): Finding[] {
  if (machine.webgpu !== 'adapter') return [no('webgpu', noGpuSays(machine, 'webgpu'))];
  const least = Math.min(machine.maxBuffer, machine.maxBinding);
  const fits = need.largest <= least;
  return [
    yes('webgpu', 'WebGPU is there.'),
    machine.software
      ? doubt(
          'gpu',
          `The GPU is software on the processor (${machine.adapter}): slower than WebAssembly, where that takes the model.`,
        )
      : yes('gpu', `The GPU is real: ${machine.adapter}.`),
    (fits ? yes : no)(
      'buffers',
      `Largest matrix: ${bytesSay(need.largest)}. One buffer here may have ${bytesSay(least)}${fits ? '' : ': too small. A format with fewer bits may fit'}.`,
    ),
    machine.halves
      ? yes('halves', '16-bit arithmetic (shader-f16): yes. It is used where a probe text agrees with 32 bits.')
      : need.format === 'f16'
        ? no('halves', '16-bit arithmetic (shader-f16): no. The format f16 needs it: choose q8 or q4.')
        : doubt(
            'halves',
            '16-bit arithmetic (shader-f16): no. 32 bits are used, which takes longer and twice the memory for the context.',
          ),
  ];
}

function storeFindings(machine: Machine, need: Need): Finding[] {
  if (!machine.store) {
    return [
      no(
        'store',
        'This browser keeps no large files for this page (origin private file system): a private window, an old browser, or storage is switched off.',
      ),
    ];
  }
  const kept = yes('store', 'Kept in the browser’s own file system for this page; no other site can read it.');
  if (machine.quota === null || machine.used === null)
    return [kept, doubt('room', `Needs ${bytesSay(need.disk)} of disk. The browser does not say how much it gives.`)];
  const free = Math.max(0, machine.quota - machine.used);
  const room = need.disk * SPARE <= free;
  return [
    kept,
    (room ? yes : no)(
      'room',
      `Needs ${bytesSay(need.disk)} of disk. The browser gives this page ${bytesSay(free)} more${room ? '' : ': too little. Delete what is kept, or free disk space'}.`,
    ),
  ];
}

function memoryFindings({ memory }: Machine, need: Need): Finding[] {
  const asks = `${bytesSay(need.memory)} of the GPU’s memory while it is open`;
  if (memory === null) return [doubt('memory', `Takes ${asks}. A browser does not say how much a GPU has.`)];
  const main = `The computer has ${memory >= 8 ? '8 GB or more' : `about ${memory} GB`} of main memory`;
  if (need.memory > memory * 1e9 * 0.6 && memory < 8) {
    return [doubt('memory', `Takes ${asks}. ${main}: where GPU and processor share it, that may be too little.`)];
  }
  return [doubt('memory', `Takes ${asks}. A browser does not say how much a GPU has. ${main}.`)];
}

const yes = (about: Finding['about'], says: string): Finding => ({ about, answer: 'yes', says });
const no = (about: Finding['about'], says: string): Finding => ({ about, answer: 'no', says });
const doubt = (about: Finding['about'], says: string): Finding => ({ about, answer: 'doubt', says });

/** Whether no finding forbids opening. */
export const possible = (findings: readonly Finding[]): boolean => findings.every(({ answer }) => answer !== 'no');

/** Asks the browser. Never rejects: a question that cannot be asked is answered with no, or null. */
export async function inspect(): Promise<Machine> {
  const [gpu, room] = await Promise.all([askGpu(), askStore()]);
  const memory = (navigator as { deviceMemory?: number }).deviceMemory ?? null;
  return { secure: isSecureContext, ...gpu, ...room, memory };
}

async function askGpu(): Promise<
  Pick<Machine, 'webgpu' | 'adapter' | 'software' | 'maxBuffer' | 'maxBinding' | 'halves'>
> {
  const none = { adapter: '', software: false, maxBuffer: 0, maxBinding: 0, halves: false };
  if (!navigator.gpu) return { webgpu: 'none', ...none };
  try {
    const { adapterName, isSoftware } = await import('../../lens/api/adapter');
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return { webgpu: 'no adapter', ...none };
    const { limits, features, info } = adapter;
    return {
      webgpu: 'adapter',
      adapter: adapterName(info),
      software: isSoftware(info),
      maxBuffer: limits.maxBufferSize,
      maxBinding: limits.maxStorageBufferBindingSize,
      halves: features.has('shader-f16'),
    };
  } catch (error) {
    return { webgpu: 'no adapter', ...none, adapter: error instanceof Error ? error.message : String(error) };
  }
}

async function askStore(): Promise<Pick<Machine, 'store' | 'used' | 'quota' | 'persisted'>> {
  const { storage } = navigator;
  // Call the method: a private window has it and refuses.
  const store = await (storage?.getDirectory?.() ?? Promise.reject()).then(
    () => true,
    () => false,
  );
  const estimate = await storage?.estimate?.().catch(() => null);
  const persisted = await storage?.persisted?.().catch(() => false);
  return { store, used: estimate?.usage ?? null, quota: estimate?.quota ?? null, persisted: persisted ?? false };
}
