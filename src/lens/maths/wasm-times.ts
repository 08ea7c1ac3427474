/** Nanoseconds that WebAssembly takes for a parameter of a token, and for one of a model that it opens from the store:
 *  processor time of one core, measured on SmolLM2-135M (docs/wasm.json). */
export const TOKEN_NS = 0.4;
export const OPENING_NS = 30;

/** Seconds for one token of a model that multiplies so many parameters by it, one text at a time. `ns`: nanoseconds a
 *  parameter, if this machine was measured. */
export const tokenSeconds = (parameters: number, ns = TOKEN_NS): number => parameters * ns * 1e-9;

/** Seconds until a model with so many parameters inside its graphs is open, from what is kept. */
export const openingSeconds = (parameters: number, ns = TOKEN_NS): number =>
  parameters * OPENING_NS * (ns / TOKEN_NS) * 1e-9;
