/** The real disk: one folder of the file system, its files readable by their owner only. */
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk, DiskFile } from './disk.ts';

export function nodeDisk(folder: string): Disk {
  return {
    list: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return await readdir(folder);
    },
    open: async (name) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const handle = await openOrCreate(join(folder, name));
      await syncFolder(folder);
      return nodeFile(handle);
    },
  };
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return await open(path, 'wx+', 0o600);
  }
}

/** A new file's name is durable once its folder is; Windows cannot open folders and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nodeFile(handle: FileHandle): DiskFile {
  return {
    size: async () => (await handle.stat()).size,
    read: async (at, length) => {
      const bytes = new Uint8Array(length);
      let read = 0;
      while (read < length) {
        const { bytesRead } = await handle.read(bytes, read, length - read, at + read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      return bytes.subarray(0, read);
    },
    write: async (at, bytes) => {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await handle.write(
          bytes,
          written,
          bytes.length - written,
          at + written,
        );
        written += bytesWritten;
      }
    },
    truncate: (length) => handle.truncate(length),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}
