import type { Workbench } from '../state/page/workbench';

/** A folder dropped anywhere on the page counts as a model: the sheet of models says what it is, and asks; of several
 *  the first, and the others are named. A file is taken by what it is, unless a sheet took it already. */
export function takeDrops(bench: Workbench): void {
  const ofFiles = (event: DragEvent) => !event.defaultPrevented && event.dataTransfer?.types.includes('Files');
  document.addEventListener('dragover', (event) => {
    if (ofFiles(event)) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    if (!ofFiles(event)) return;
    // Else the browser would leave the page for the file.
    event.preventDefault();
    // The entries are there during the event alone.
    const entries = [...(event.dataTransfer?.items ?? [])]
      .filter(({ kind }) => kind === 'file')
      .map((item) => item.webkitGetAsEntry?.() ?? null);
    const [folder, ...others] = entries.filter((entry) => entry?.isDirectory);
    // A folder stands among the files too.
    const files = [...(event.dataTransfer?.files ?? [])].filter((_, i) => !entries[i]?.isDirectory);
    if (files.length) void takeFiles(bench, files);
    if (!folder) return;
    bench.notices.say(
      'folder',
      others.map((other) => `Only the folder ${folder.name} is looked at. Drop ${other?.name} by itself.`),
    );
    void import('../panels/models/folder')
      .then(({ readDropped, planFolder }) => planFolder(bench, readDropped(folder as FileSystemDirectoryEntry)))
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        bench.notices.say('folder', [`The folder ${folder.name} could not be read: ${why}`]);
      });
  });
}

/** Files one after the other, as each may change what the next one is read into. */
async function takeFiles(bench: Workbench, files: readonly File[]): Promise<void> {
  const { takeFile } = await import('../panels/take-file');
  bench.notices.say('file', []);
  for (const file of files) bench.notices.add('file', await takeFile(bench, file));
}
