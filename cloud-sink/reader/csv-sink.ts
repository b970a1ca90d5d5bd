/**
 * Where the text of `vitalshare open` and the files of `vitalshare export` go: stdout, or a file
 * that exists whole or not at all.
 *
 * A file is written beside its name, readable by its owner only (it is a patient's), and renamed
 * when it is complete and on the disk. Both wait for a slow reader, so memory stays flat.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';

export interface TextSink {
  write(text: string | Uint8Array): Promise<void>;
  /** Nothing is visible under the file's name before this. */
  finish(): Promise<void>;
  /** Leaves nothing behind; after `finish` it does nothing. */
  discard(): Promise<void>;
}

export const stdoutSink: TextSink = {
  async write(text) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  finish: () => Promise.resolve(),
  discard: () => Promise.resolve(),
};

/** For `--json` without a file: values are not printed. */
export const noSink: TextSink = {
  write: () => Promise.resolve(),
  finish: () => Promise.resolve(),
  discard: () => Promise.resolve(),
};

/** Throws UserError where the folder is not there or may not be written. */
export async function fileSink(file: string): Promise<TextSink> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  const handle: FileHandle = await told(file, () => open(temporary, 'wx', 0o600));
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await handle.close();
  };
  let isThere = true;
  return {
    async write(text) {
      await told(file, () => handle.writeFile(text));
    },
    async finish() {
      await told(file, () => handle.sync());
      await close();
      await told(file, () => rename(temporary, file));
      isThere = false;
    },
    async discard() {
      await close();
      if (!isThere) return;
      isThere = false;
      await unlink(temporary);
    },
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EACCES: 'this account may not write there',
  EPERM: 'this account may not write there',
  EROFS: 'that disk is read-only',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
  ENOTDIR: 'its folder is a file',
};

async function told<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === '') throw error;
    throw new UserError(`${file} cannot be written: ${REASONS[code] ?? code}.`);
  }
}
