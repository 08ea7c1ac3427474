import type { Plugin } from 'vite';

/** @huggingface/transformers is here for its tokenizer only. Its own import of ONNX Runtime would bring a second copy
 *  of the engine and of its 27 MB of wasm into the build, so for that one importer the package is replaced by an empty
 *  module. */
export function oneRuntime(): Plugin {
  const empty = '\0no-second-runtime';
  return {
    name: 'one-onnxruntime',
    enforce: 'pre',
    resolveId(source, importer) {
      return source.startsWith('onnxruntime-') && importer?.includes('@huggingface') ? empty : null;
    },
    load(id) {
      return id === empty
        ? 'export const InferenceSession = {}; export const Tensor = class {}; export const env = { wasm: {}, webgpu: {} }; export default { InferenceSession, Tensor, env };'
        : null;
    },
  };
}
