/** Named errors. Each says what happened and what to do; each keeps its class and fields when it crosses a worker. */

type Fields = Record<string, unknown>;

export class LensError extends Error {
  readonly fields: Fields;
  constructor(message: string, fields: Fields = {}) {
    super(message);
    this.fields = fields;
  }
}

/** The browser has no WebGPU, or `provider: 'webgpu'` was asked for and cannot be had. */
export class WebGPUUnavailableError extends LensError {}
/** The GPU device is gone; open the lens again. */
export class DeviceLostError extends LensError {}
/** The engine's worker stopped by itself; open the lens again. */
export class EngineCrashedError extends LensError {}
/** The folder's model is not one that Lenslet can build. */
export class UnsupportedModelError extends LensError {}
/** A file is not what its format says: bad header, offsets out of the file, truncated, not JSON. */
export class CorruptFileError extends LensError {}
/** A Git LFS pointer stands in place of a file: the folder was cloned without its large files. */
export class LfsPointerError extends LensError {}
/** A file that the folder must have is missing or could not be fetched. */
export class MissingFileError extends LensError {}
/** A tensor or dictionary has another shape than the model's config asks for. */
export class ShapeMismatchError extends LensError {}
/** The text has more tokens than the model's context. */
export class ContextOverflowError extends LensError {}
/** The text has no tokens. */
export class EmptyTextError extends LensError {}
/** A conversation that cannot be put through the model's chat template. */
export class ChatTemplateError extends LensError {}
/** The text spells a special token that the tokenizer knows and the model does not. */
export class UnknownTokenError extends LensError {}
/** A layer without a dictionary was asked for. */
export class SiteUnavailableError extends LensError {}
/** An edit that cannot be carried out: feature out of range, wrong vector length, unknown mode. */
export class InvalidEditError extends LensError {}
/** An option outside its range. */
export class InvalidOptionError extends LensError {}
/** A dictionary of which nothing says how many latents a token has. `fields.width` is its width, the most that k can be. */
export class UnknownKError extends InvalidOptionError {}
/** A source has several dictionaries of a layer. `fields.choices` lists all of its dictionaries (DictionaryChoice), and
 *  `fields.left` says in sentences what was left out. */
export class AmbiguousDictionaryError extends LensError {}
/** NaN or infinity in a residual or a pre-activation. */
export class NonFiniteError extends LensError {}
/** The trace was disposed, or belongs to another lens. */
export class DisposedError extends LensError {}
/** A verbalizer does not fit the open model, its tokenizer, or itself: its marker is not the stated token, or width,
 *  prompt or layer differ. */
export class VerbalizerMismatchError extends LensError {}
/** The call needs a trained pair, and the open model's folder has none. */
export class VerbalizerUnavailableError extends LensError {}
/** A repository asks for an agreement or a token, or refuses the one that was given. */
export class AccessDeniedError extends LensError {}
/** The server asks for a pause. */
export class RateLimitedError extends LensError {}
/** This browser keeps no files here: private window, old browser, or storage switched off. */
export class StoreUnavailableError extends LensError {}
/** The disk, or the browser's share of it, has too little room. */
export class StorageFullError extends LensError {}
/** Another tab works on the same part of the store. */
export class StoreBusyError extends LensError {}
/** A kept part differs from what was written. Opening its model again fetches the part again. */
export class DamagedStoreError extends LensError {}
/** A rule on texts that cannot judge: it is not written as one, or what it reads was not supplied. */
export class OutcomeError extends LensError {}
/** Prompts that cannot be used as they are: a template that makes too many, a near-duplicate on both sides of a split,
 *  an id of another text. */
export class PromptSetError extends LensError {}
/** A sheet of judged texts that does not belong to the texts that it is read for. */
export class SheetError extends LensError {}
/** Stopped by the caller's signal. */
export class AbortedError extends LensError {}

const registry = {
  LensError,
  WebGPUUnavailableError,
  DeviceLostError,
  EngineCrashedError,
  UnsupportedModelError,
  ChatTemplateError,
  CorruptFileError,
  LfsPointerError,
  MissingFileError,
  ShapeMismatchError,
  ContextOverflowError,
  EmptyTextError,
  UnknownTokenError,
  SiteUnavailableError,
  InvalidEditError,
  InvalidOptionError,
  UnknownKError,
  AmbiguousDictionaryError,
  NonFiniteError,
  DisposedError,
  VerbalizerMismatchError,
  VerbalizerUnavailableError,
  AccessDeniedError,
  RateLimitedError,
  StoreUnavailableError,
  StorageFullError,
  StoreBusyError,
  DamagedStoreError,
  OutcomeError,
  PromptSetError,
  SheetError,
  AbortedError,
};

// Set here and not from the class's own name, which a minifier changes.
for (const [name, known] of Object.entries(registry)) Object.defineProperty(known.prototype, 'name', { value: name });

export interface ErrorData {
  name: string;
  message: string;
  fields: Fields;
}

/** An error as plain data; `fields` must be structured-cloneable. */
export function errorToData(error: unknown): ErrorData {
  if (error instanceof LensError) return { name: error.name, message: error.message, fields: error.fields };
  if (error instanceof Error) return { name: error.name, message: error.message, fields: {} };
  return { name: 'Error', message: String(error), fields: {} };
}

/** Rebuilds the error, as its own class if the registry knows it. */
export function errorFromData(data: ErrorData): Error {
  const known = Object.hasOwn(registry, data.name) ? registry[data.name as keyof typeof registry] : undefined;
  if (known) return new known(data.message, data.fields);
  const error = new Error(data.message);
  error.name = data.name;
  return error;
}

export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw new AbortedError('Stopped.');
}
