/**
 * The two files of `ahead.ts` in the store's folder. Followers of several logs share them and a commit
 * clears them meanwhile, so each has one thing done at a time: Node writes 512 kB and yields. An entry
 * that a full disk took half of is cut off again: what stands behind a torn one is never read.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AheadFile } from './ahead.ts';
import { StoreError } from './store.ts';

export type AheadHandle = Pick<FileHandle, 'datasync' | 'truncate' | 'close'> & {
  appendFile(bytes: Uint8Array): Promise<void>;
};

export async function aheadFiles(folder: string): Promise<[AheadFile, AheadFile]> {
  const files: [AheadFile, AheadFile] = [
    await openFile(join(folder, 'ahead-0')),
    await openFile(join(folder, 'ahead-1')),
  ];
  // Their names too are on the medium before anything counts on them.
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
  return files;
}

async function openFile(path: string): Promise<AheadFile> {
  const handle = await open(path, 'a+', 0o600);
  const { size } = await handle.stat();
  return aheadFile(handle, async () => new Uint8Array(await readFile(path)), size);
}

/** `wholeBytes`: how much stands there. Rejects with StoreError where the disk takes nothing. */
export function aheadFile(
  handle: AheadHandle,
  read: AheadFile['read'],
  wholeBytes: number,
): AheadFile {
  let isTorn = false;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const done = last.then(act);
    last = done.catch(() => undefined);
    return done;
  };
  const cut = async (): Promise<void> => {
    await handle.truncate(wholeBytes);
    isTorn = false;
  };
  const append = async (bytes: Uint8Array): Promise<void> => {
    try {
      if (isTorn) await cut();
      isTorn = true;
      await handle.appendFile(bytes);
      await handle.datasync();
      isTorn = false;
      wholeBytes += bytes.length;
    } catch (error) {
      await cut().catch(() => undefined);
      throw new StoreError(error instanceof Error ? error.message : 'the disk failed', {
        cause: error,
      });
    }
  };
  return {
    read,
    append: (bytes) => inTurn(() => append(bytes)),
    clear: () =>
      inTurn(async () => {
        wholeBytes = 0;
        isTorn = true;
        await cut();
      }),
    close: () => inTurn(() => handle.close()),
  };
}
