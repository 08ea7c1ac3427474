import type { SourceFile } from '../sources/source';
import type { Manifest, TensorRecord } from './manifest';
import type { FilePlan, TensorPlan } from './plan-pieces';
import type { Wanted } from './wanted';

/** An entry with nothing installed yet. */
export function freshManifest(wanted: Wanted, key: string, mark: string | null): Manifest {
  const { kind, source, detail, meta, plan } = wanted;
  const files = plan.files.map(({ file }) => file);
  const now = Date.now();
  return {
    key,
    version: 1,
    kind,
    origin: source.origin,
    mark,
    detail,
    licence: source.licence,
    created: now,
    opened: now,
    complete: false,
    files,
    hashes: {},
    resume: {},
    whole: {},
    tensors: Object.fromEntries([...plan.tensors.values()].map((tensor) => [tensor.name, emptyRecord(tensor)])),
    read: 0,
    total: totalOf(wanted),
    meta,
  };
}

/** Bytes of all files of the plan. The list of small files differs between versions of this page. */
export function totalOf({ plan, whole, beside }: Wanted): number {
  return [...plan.files.map(({ file }) => file), ...whole, ...beside].reduce((sum, { size }) => sum + size, 0);
}

export function emptyRecord({ shape, dtype, encoding, rows, transposed }: TensorPlan): TensorRecord {
  return { shape, dtype, encoding, rows, parts: [], transposed };
}

/** Whether an interrupted entry can be completed by this plan: it has the same files and the same tensors in the same
 *  form, cut at the same places, and for each file exactly the pieces up to where it was left. */
export function goesOn(known: Manifest, { plan }: Wanted): boolean {
  const { files, tensors } = plan;
  if (known.files.length !== files.length || Object.keys(known.tensors).length !== tensors.size) return false;
  return files.every((file, i) => sameFile(known.files[i]!, file.file) && sameProgress(known, file));
}

function sameFile(a: SourceFile, b: SourceFile): boolean {
  return a.path === b.path && a.size === b.size && a.sha256 === b.sha256;
}

function sameProgress(known: Manifest, { file, pieces }: FilePlan): boolean {
  const { hashes, resume } = known;
  const end = Object.hasOwn(hashes, file.path)
    ? file.size
    : Object.hasOwn(resume, file.path)
      ? resume[file.path]!.offset
      : 0;
  if (end !== 0 && end !== file.size && !pieces.some((piece) => piece.end === end)) return false;
  const done = new Map<string, number>();
  for (const { tensor, index, rows, end: at } of pieces) {
    const record = Object.hasOwn(known.tensors, tensor.name) ? known.tensors[tensor.name]! : null;
    if (!record || !sameForm(record, tensor)) return false;
    const part = record.parts[index];
    if (at <= end ? part?.rows !== rows : part !== undefined) return false;
    done.set(tensor.name, (done.get(tensor.name) ?? 0) + 1);
  }
  return [...done].every(([name, count]) => known.tensors[name]!.parts.length <= count);
}

function sameForm(record: TensorRecord, tensor: TensorPlan): boolean {
  const same =
    record.dtype === tensor.dtype && record.encoding === tensor.encoding && record.transposed === tensor.transposed;
  return same && record.shape.length === tensor.shape.length && record.shape.every((n, i) => n === tensor.shape[i]);
}
