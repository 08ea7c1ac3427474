import type { PickedFolder } from '../../lens/api/model';
import type { Workbench } from '../../state/page/workbench';

/** More files than any model's folder has: a disk that was dropped by mistake. */
const MOST_FILES = 10_000;

/** The files of an input with `webkitdirectory`, by their paths in the folder that was picked. */
export function readPicked(files: readonly File[]): PickedFolder | null {
  const [first] = files;
  if (!first) return null;
  const inFolder = (file: File) => file.webkitRelativePath.split('/').slice(1).join('/') || file.name;
  const name = first.webkitRelativePath.split('/')[0] || first.name;
  return { name, files: files.slice(0, MOST_FILES).map((file) => ({ path: inFolder(file), file })) };
}

/** The files of a folder that was dropped, with those of the folders in it. */
export async function readDropped(folder: FileSystemDirectoryEntry): Promise<PickedFolder> {
  const files: PickedFolder['files'] = [];
  const walk = async (directory: FileSystemDirectoryEntry, path: string): Promise<void> => {
    const reader = directory.createReader();
    for (;;) {
      // A hundred at a time, until none is left.
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (!entries.length || files.length >= MOST_FILES) return;
      for (const entry of entries) {
        if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, `${path}${entry.name}/`);
        else {
          const file = await new Promise<File>((resolve, reject) =>
            (entry as FileSystemFileEntry).file(resolve, reject),
          );
          files.push({ path: `${path}${entry.name}`, file });
        }
      }
    }
  };
  await walk(folder, '');
  return { name: folder.name, files };
}

/** Shows what a folder is, and asks. */
export function planFolder(bench: Workbench, folder: PickedFolder): void {
  bench.models.plan({ model: { kind: 'picked', folder } });
  bench.view.set({ sheet: 'models' });
}
