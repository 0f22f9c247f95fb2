/**
 * The files in what was dropped or picked, folders and all.
 *
 * @module
 */

import type { Found } from "./chosen";

/** A record of many runs has some hundred; a whole disk is no record. */
const MOST_FILES = 50_000;

/** What was dropped. Call it at once: the browser forgets what was dropped when the event is over. */
export async function dropped(data: DataTransfer): Promise<Found[]> {
  const items = [...data.items].filter(({ kind }) => kind === "file");
  const found: Found[] = [];
  // Chromium does not read entries in a page that lies on a disk, but handles, which others have not.
  if (location.protocol === "file:" && items.every((item) => "getAsFileSystemHandle" in item)) {
    const handles = items.map((item) => (item as WithHandle).getAsFileSystemHandle());
    for (const handle of await Promise.all(handles)) if (handle) await collectHandle(handle, "", found);
    return found;
  }
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  for (const entry of entries) await collectEntry(entry, found);
  return found;
}

/** What was chosen in a dialogue. */
export function picked(files: FileList | null): Found[] {
  return [...(files ?? [])].map((file) => [file.webkitRelativePath || file.name, file]);
}

/** Of the File System standard, and not in the types yet. */
interface WithHandle {
  getAsFileSystemHandle(): Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null>;
}

async function collectHandle(
  handle: FileSystemFileHandle | FileSystemDirectoryHandle,
  folder: string,
  found: Found[],
): Promise<void> {
  if (found.length >= MOST_FILES) return;
  const path = `${folder}${handle.name}`;
  if (handle.kind === "file") {
    found.push([path, await (handle as FileSystemFileHandle).getFile()]);
    return;
  }
  const inside = handle as FileSystemDirectoryHandle & {
    values(): AsyncIterable<FileSystemFileHandle | FileSystemDirectoryHandle>;
  };
  for await (const one of inside.values()) await collectHandle(one, `${path}/`, found);
}

async function collectEntry(entry: FileSystemEntry, found: Found[]): Promise<void> {
  if (found.length >= MOST_FILES) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    found.push([entry.fullPath.replace(/^\//, ""), file]);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return;
    for (const one of some) await collectEntry(one, found);
  }
}
