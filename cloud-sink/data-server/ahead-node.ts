/** The two files of `ahead.ts` in the store's folder. */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AheadFile } from './ahead.ts';
import { StoreError } from './store.ts';

export const aheadFiles = async (folder: string): Promise<[AheadFile, AheadFile]> => [
  await openFile(join(folder, 'ahead-0')),
  await openFile(join(folder, 'ahead-1')),
];

async function openFile(path: string): Promise<AheadFile> {
  const handle = await open(path, 'a+', 0o600);
  return {
    read: async () => new Uint8Array(await readFile(path)),
    append: async (bytes) => {
      const { size } = await handle.stat();
      try {
        await handle.appendFile(bytes);
        await handle.datasync();
      } catch (cause) {
        // A torn entry would hide those that come behind it once the disk has room again.
        await handle.truncate(size).catch(() => undefined);
        throw new StoreError(cause instanceof Error ? cause.message : 'it failed', { cause });
      }
    },
    clear: () => handle.truncate(0),
    close: () => handle.close(),
  };
}
