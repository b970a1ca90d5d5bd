/** The two files of `ahead.ts` in the store's folder. */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AheadFile } from './ahead.ts';

export const aheadFiles = async (folder: string): Promise<[AheadFile, AheadFile]> => [
  await openFile(join(folder, 'ahead-0')),
  await openFile(join(folder, 'ahead-1')),
];

async function openFile(path: string): Promise<AheadFile> {
  const handle = await open(path, 'a+', 0o600);
  return {
    read: async () => new Uint8Array(await readFile(path)),
    append: async (bytes) => {
      await handle.appendFile(bytes);
      await handle.datasync();
    },
    clear: () => handle.truncate(0),
    close: () => handle.close(),
  };
}
