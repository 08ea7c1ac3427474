import { foreignHost } from '../../lens/api/identity';
import type { PickedFolder } from '../../lens/api/model';
import type { ModelRef, OpenRequest } from '../../lens/api/request';
import { knownK } from '../../state/model/choices';
import { requestName } from '../../state/model/model-url';
import { keptModel } from '../../state/model/models';
import { type As, MOST_FILES, type TakenFolder, takeFolder } from '../../state/model/picked-folder';
import type { Workbench } from '../../state/page/workbench';

/** The files of an input with `webkitdirectory`, by their paths in the folder that was picked. */
export async function readPicked(files: readonly File[], as: As): Promise<TakenFolder | null> {
  const [first] = files;
  if (!first) return null;
  const inFolder = (file: File) => file.webkitRelativePath.split('/').slice(1).join('/') || file.name;
  const name = first.webkitRelativePath.split('/')[0] || first.name;
  const taken = files.slice(0, MOST_FILES).map((file) => ({ path: inFolder(file), file }));
  return takeFolder({ name, files: taken }, as, files.length);
}

/** The files of a folder that was dropped, with those of the folders in it. */
export async function readDropped(folder: FileSystemDirectoryEntry): Promise<TakenFolder> {
  const files: PickedFolder['files'] = [];
  let cut = false;
  const walk = async (directory: FileSystemDirectoryEntry, path: string): Promise<void> => {
    const reader = directory.createReader();
    for (;;) {
      // A hundred at a time, until none is left.
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      for (const entry of entries) {
        cut ||= files.length >= MOST_FILES;
        if (cut) return;
        if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, `${path}${entry.name}/`);
        else {
          const file = await new Promise<File>((resolve, reject) =>
            (entry as FileSystemFileEntry).file(resolve, reject),
          );
          files.push({ path: `${path}${entry.name}`, file });
        }
      }
      if (!entries.length) return;
    }
  };
  await walk(folder, '');
  return takeFolder({ name: folder.name, files }, 'model', cut ? null : files.length);
}

/** One of the folders that were found in a picked one, as if it had been picked itself. */
export const readChosen = (folder: PickedFolder, as: As): Promise<TakenFolder> =>
  takeFolder(folder, as, folder.files.length);

/** How many folders were asked to be planned. */
let plans = 0;

/** Shows what a folder is, and asks. A dictionary without a model is one for the open model. A folder that takes longer
 *  to read does not replace one that came after it. */
export async function planFolder(bench: Workbench, reading: Promise<TakenFolder | null>): Promise<void> {
  const plan = ++plans;
  const taken = await reading;
  if (!taken) return;
  const beside = taken.dictionary === null ? null : await besideOpen(bench, taken.folder);
  if (plan !== plans) return;
  if (beside) {
    const says = `It holds a dictionary (${taken.dictionary}), which is opened with ${requestName(beside)}.`;
    bench.models.plan(beside, { says: [...taken.says.slice(0, -1), says], opens: true, choices: [] });
  } else bench.models.plan({ model: { kind: 'picked', folder: taken.folder } }, taken);
  bench.view.set({ sheet: 'models' });
}

/** The open model with the dictionaries of a folder in place of its own; null if none is open, or if it would have to be
 *  fetched again, in another page, where the folder's files are not. */
async function besideOpen(bench: Workbench, folder: PickedFolder): Promise<OpenRequest | null> {
  const { lens, request } = bench.engine.store.getState();
  if (!lens || !request) return null;
  const { format, dictionaryFormat, verbalizer } = request;
  let model: ModelRef = request.model;
  if (foreignHost({ model }, document.baseURI)) {
    await bench.models.read();
    const key = keptModel(bench.models.store.getState().kept ?? [], request)?.key;
    if (key === undefined) return null;
    model = { kind: 'kept', key, name: requestName(request) };
  }
  const dictionary = { kind: 'picked', folder } as const;
  return { model, format, dictionaryFormat, verbalizer, dictionary, k: knownK({ model, dictionary }) };
}
