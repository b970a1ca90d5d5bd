import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../log/memory-disk.ts';
import { Anchors } from './anchors.ts';

const open = async (disk: MemoryDisk): Promise<Anchors> => Anchors.open(await disk.open('a'));

describe('the anchor of a boot without a clock [WIRE-6]', () => {
  it('is the first one fixed, through restarts', async () => {
    const disk = new MemoryDisk();
    const anchors = await open(disk);
    await Promise.all([anchors.fix(5n, 1, 1000), anchors.fix(5n, 1, 2000), anchors.fix(6n, 1, -3)]);
    expect([anchors.get(5n, 1), anchors.get(6n, 1), anchors.get(5n, 2)]).toEqual([
      1000,
      -3,
      undefined,
    ]);
    disk.crash();
    const again = await open(disk);
    expect([again.get(5n, 1), again.get(6n, 1)]).toEqual([1000, -3]);
  });

  it('is not fixed by a disk that fails, and is by the next try', async () => {
    const disk = new MemoryDisk();
    const anchors = await open(disk);
    disk.fail('sync');
    await expect(anchors.fix(5n, 1, 1000)).rejects.toThrow('EIO');
    expect(anchors.get(5n, 1)).toBeUndefined();
    await anchors.fix(5n, 1, 3000);
    disk.crash();
    expect((await open(disk)).get(5n, 1)).toBe(3000);
  });

  it('loses at most a torn last line, and writes over it', async () => {
    const disk = new MemoryDisk();
    await (await open(disk)).fix(5n, 1, 1000);
    const file = disk.files.get('a')!;
    file.written = Buffer.concat([file.written, Buffer.from('["5",2,17')]);
    const again = await open(disk);
    await again.fix(5n, 3, 4000);
    const last = await open(disk);
    expect([last.get(5n, 1), last.get(5n, 2), last.get(5n, 3)]).toEqual([1000, undefined, 4000]);
  });
});
