// The files of a drop, those in folders too. Entries have to be taken at once: after the event they are gone.

const HIDDEN = /^(\.|Thumbs\.db$|desktop\.ini$|DICOMDIR$)/i;

/** The files of a folder that was chosen; those that systems leave in folders, and tables of contents, are no images. */
export function visible(files: readonly File[]): File[] {
  return files.filter((file) => {
    const path = file.webkitRelativePath === "" ? file.name : file.webkitRelativePath;
    return !path.split("/").some((name) => HIDDEN.test(name));
  });
}

export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  const entries: FileSystemEntry[] = [];
  const plain: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry?.isDirectory) entries.push(entry);
    else if (file !== null) plain.push(file);
  }
  const nested = await Promise.all(entries.map(walk));
  return [...plain, ...nested.flat()];
}

async function walk(entry: FileSystemEntry): Promise<File[]> {
  if (HIDDEN.test(entry.name)) return [];
  if (entry.isFile)
    return [await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  for (;;) {
    // a reader gives a hundred entries at a time, and none when it is through
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return found;
    for (const files of await Promise.all(some.map(walk))) found.push(...files);
  }
}
