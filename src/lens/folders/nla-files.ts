import { VerbalizerMismatchError } from '../api/errors';
import { JsonObject, parseJson } from '../formats/json';
import type { Folder, ReadOptions } from '../sources/folder';
import { openConfig, type QwenConfig } from './config';
import { META, type NlaMeta, type NlaRole, parseNlaMeta } from './nla-meta';

/** A folder inside another. */
export function subfolder(folder: Folder, path: string): Folder {
  return {
    name: `${folder.name.replace(/\/$/, '')}/${path}`,
    read: (file, options) => folder.read(`${path}/${file}`, options),
    tryRead: (file, options) => folder.tryRead(`${path}/${file}`, options),
    tryReadPart: (file, begin, end, options) => folder.tryReadPart(`${path}/${file}`, begin, end, options),
  };
}

/** Half of a pair as its small files describe it. */
export interface NlaHalf {
  folder: Folder;
  config: QwenConfig;
  meta: NlaMeta;
}

/** Opens the half at `path`, and sees that it is of that role and fits a model `d` wide with `layers` blocks. Reads no
 *  weights. */
export async function openNlaHalf(
  parent: Folder,
  path: string,
  role: NlaRole,
  model: { d: number; layers: number },
  options: ReadOptions,
): Promise<NlaHalf> {
  const folder = subfolder(parent, path);
  const file = `${path}/${META}`;
  const meta = parseNlaMeta(await folder.read(META, options), file);
  const config = await openConfig(folder, options);
  const refuse = (what: string, fields: Record<string, unknown>): never => {
    throw new VerbalizerMismatchError(`${what}. Use the pair that was trained on this model.`, { path, ...fields });
  };
  if (meta.role !== role) refuse(`${file} is of an ${meta.role}, where an ${role} is asked for`, { role });
  if (meta.d !== model.d)
    refuse(`The ${role} in ${path} reads vectors of ${meta.d} numbers; this model is ${model.d} wide`, { d: meta.d });
  if (meta.layer >= model.layers)
    refuse(`The ${role} in ${path} is of layer ${meta.layer}; this model's blocks are 0 to ${model.layers - 1}`, {
      layer: meta.layer,
    });
  if (config.d !== meta.d)
    refuse(`${path}/config.json is of a model ${config.d} wide, ${file} of one ${meta.d} wide`, { d: config.d });
  if (role === 'ar' && config.layers !== meta.layer + 1)
    refuse(
      `The ar in ${path} has ${config.layers} blocks; one of layer ${meta.layer} ends behind block ${meta.layer}, with ${meta.layer + 1}`,
      {
        layers: config.layers,
      },
    );
  return { folder, config, meta };
}

/** Bytes of a checkpoint in the folder, without reading it; 0 where nobody says. */
export async function checkpointBytes(folder: Folder, options: ReadOptions = {}): Promise<number> {
  const single = await fileBytes(folder, 'model.safetensors', options);
  if (single !== null) return single;
  const file = 'model.safetensors.index.json';
  const index = await folder.tryRead(file, options);
  const total = index && new JsonObject(parseJson(index, file), file).object('metadata')?.get('total_size');
  return typeof total === 'number' && Number.isSafeInteger(total) && total > 0 ? total : 0;
}

/** A file's length, null where there is none, 0 where nobody says. A server that takes no ranges is stopped after its
 *  first bytes. */
export async function fileBytes(folder: Folder, path: string, { signal }: ReadOptions = {}): Promise<number | null> {
  const stop = new AbortController();
  let stated = 0;
  const onBytes = (loaded: number, total: number) => {
    stated = total;
    if (total > 1 || loaded > 1) stop.abort();
  };
  try {
    const part = await folder.tryReadPart(path, 0, 1, {
      signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
      onBytes,
    });
    return part && (part.size ?? 0);
  } catch (error) {
    if (stop.signal.aborted && !signal?.aborted) return stated;
    throw error;
  }
}
