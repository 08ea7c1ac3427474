/** Where a dictionary reads: the stream behind block `layer`, or why not there. */
export type Hook = { layer: number; number: number } | { refused: string };

const POST = /^blocks\.(\d{1,4})\.(?:hook_resid_post|hook_out)$/;
const PRE = /^blocks\.(\d{1,4})\.hook_resid_pre$/;
/** Hugging Face's names of a block as a module, whose output is the stream behind it. */
const MODULE = /^(?:(?:model|transformer|gpt_neox|language_model|base_model)\.)*(?:layers|h)\.(\d{1,4})(?:\.output)?$/;

/** Reads a hook's name as TransformerLens and Hugging Face write it. The stream before block N is that behind block
 *  N - 1; `number` is the N that was written. */
export function parseHook(name: string): Hook {
  const post = (POST.exec(name) ?? MODULE.exec(name))?.[1];
  if (post !== undefined) return { layer: Number(post), number: Number(post) };
  const pre = PRE.exec(name)?.[1];
  if (pre === undefined) return { refused: 'Lenslet reads the stream behind a block ("blocks.N.hook_resid_post")' };
  if (Number(pre) === 0) return { refused: 'it reads the embeddings, before any block' };
  return { layer: Number(pre) - 1, number: Number(pre) };
}

/** The last part of a folder's name, if that is a hook of the stream; null for other names. */
export function hookOfFolder(folder: string): { layer: number; number: number } | null {
  const hook = parseHook(folder.split('/').at(-1) ?? '');
  return 'refused' in hook ? null : hook;
}
