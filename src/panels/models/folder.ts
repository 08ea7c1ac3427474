import type { PickedFolder } from '../../lens/api/model';
import { MOST_FILES, type TakenFolder, takeFolder } from '../../state/model/picked-folder';
import type { Workbench } from '../../state/page/workbench';

type As = 'model' | 'dictionary';

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

/** Shows what a folder is, and asks. */
export function planFolder(bench: Workbench, taken: TakenFolder): void {
  bench.models.plan({ model: { kind: 'picked', folder: taken.folder } }, taken);
  bench.view.set({ sheet: 'models' });
}
