import { VerbalizerMismatchError } from '../api/errors';
import { parseJson } from '../formats/json';
import { INDEX, parseIndex, SINGLE } from '../formats/shard-index';
import type { ReadOptions } from '../sources/folder';
import type { Source, StreamOptions } from '../sources/source';
import { type DecoderConfig, openConfig } from './config';
import { META, type NlaMeta, type NlaRole, parseNlaMeta } from './nla-meta';

/** Half of a pair, as described by its small files. */
export interface NlaHalf {
  folder: Source;
  config: DecoderConfig;
  meta: NlaMeta;
}

/** Opens the half in a folder, and checks its role and that it fits a model `d` wide with `layers` blocks. Reads no
 *  weights. */
export async function openNlaHalf(
  folder: Source,
  role: NlaRole,
  model: { d: number; layers: number },
  options: ReadOptions,
): Promise<NlaHalf> {
  const path = folder.name.replace(/\/$/, '');
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

/** Counts the bytes of a checkpoint without reading it; 0 if there is none. Throws what `readTensorTable` throws. */
export async function checkpointBytes(source: Source, options: StreamOptions = {}): Promise<number> {
  const single = await source.stat(SINGLE, options);
  if (single) return single.size;
  const index = await source.tryRead(INDEX, options);
  if (!index) return 0;
  const shards = new Set(parseIndex(parseJson(index, INDEX), INDEX).values());
  const files = await Promise.all([...shards].map((shard) => source.stat(shard, options)));
  return files.reduce((sum, file) => sum + (file?.size ?? 0), 0);
}
