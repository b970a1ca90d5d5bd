/** What the real disk asks of the system: without these calls a power cut takes what was promised. */
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bench, frameRecord } from './log.fixture.ts';
import { nodeDisk } from './node-disk.ts';

const folders: string[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Every sync of every file handle, as what it was of and how many bytes that had. */
async function watched() {
  const folder = await mkdtemp(join(tmpdir(), 'vitalshare-disk-'));
  folders.push(folder);
  const handle = await open(folder, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const synced: string[] = [];
  let gate = (): Promise<void> => Promise.resolve();
  for (const name of ['sync', 'datasync'] as const) {
    const real = Reflect.get<FileHandle, typeof name>(prototype, name);
    vi.spyOn(prototype, name).mockImplementation(async function (this: FileHandle) {
      const stat = await this.stat();
      await gate();
      await real.call(this);
      synced.push(stat.isDirectory() ? 'folder' : `file of ${stat.size}`);
    });
  }
  const hold = (until: () => Promise<void>): void => void (gate = until);
  return { disk: nodeDisk(folder), synced, hold };
}

describe.skipIf(process.platform === 'win32')('the disk of the file system', () => {
  it('has a new file’s name on the medium before it hands the file out', async () => {
    const { disk, synced } = await watched();
    const file = await disk.open('a');
    expect(synced).toEqual(['folder']);
    await file.close();
  });

  it('syncs what was written, and rejects where the system could not', async () => {
    const { disk, synced, hold } = await watched();
    const file = await disk.open('a');
    await file.write(0, Uint8Array.of(1, 2, 3));
    await file.sync();
    expect(synced).toEqual(['folder', 'file of 3']);
    hold(() => Promise.reject(new Error('EIO')));
    await expect(file.sync()).rejects.toThrow('EIO');
    await file.close();
  });

  it('is synced by every append to the log before that is acknowledged', async () => {
    const { disk, synced, hold } = await watched();
    const { log } = await bench(disk);
    const before = synced.length;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    hold(() => released);
    let acknowledged = false;
    const appended = log.append(frameRecord(0)).then(() => (acknowledged = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([acknowledged, synced.length]).toEqual([false, before]);
    release();
    await appended;
    const [name] = await disk.list();
    const file = await disk.open(name!);
    expect(synced[before]).toBe(`file of ${await file.size()}`);
    await file.close();
    await log.close();
  });
});
