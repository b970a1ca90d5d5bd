import { UserError } from '@vitalshare/edge/command/node';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';
import { Anchors } from './anchors.ts';

const open = async (disk: MemoryDisk): Promise<Anchors> => Anchors.open(await disk.open('a'));

function put(disk: MemoryDisk, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  disk.files.set('a', { written: bytes.slice(), synced: bytes.slice() });
}

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

  it('does not believe a line with a flipped bit, wherever it is', async () => {
    const disk = new MemoryDisk();
    const anchors = await open(disk);
    await anchors.fix(5n, 1, 1_700_000_000_000);
    await anchors.fix(6n, 2, 1_700_000_060_000);
    const good = disk.files.get('a')!.written;
    // The CRC-32 of "5 1 1700000000000", computed with Python's zlib.
    expect(Buffer.from(good).toString()).toMatch(/^\["5",1,1700000000000,3664281495\]\n/);
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const bytes = good.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      put(disk, bytes);
      await expect(open(disk)).rejects.toThrow(/anchors.jsonl line [12] is damaged/);
    }
  });

  it.each(['', '[', '["5",2,1700', '["5",2,1700]', '["5",2\0\0\0', '\0\0\0\0'])(
    'cuts off a torn last line only: %j',
    async (tail) => {
      const disk = new MemoryDisk();
      const whole = '["5",1,1000]\n["6",1,-2000]\n';
      put(disk, whole + tail);
      const anchors = await open(disk);
      expect([anchors.get(5n, 1), anchors.get(6n, 1), anchors.get(5n, 2)]).toEqual([
        1000,
        -2000,
        undefined,
      ]);
      expect(Buffer.from(disk.files.get('a')!.written).toString('latin1')).toBe(whole);
    },
  );

  it('is never forgotten for damage: a start refuses it, names the line and changes nothing', async () => {
    const whole = Buffer.from('["5",1,1000]\n["6",1,2000]\n["7",1,3000]\n');
    const firstOf = [0, 13, 26, 39];
    const seen = new Set<number>();
    for (let at = 0; at < whole.length; at++) {
      const disk = new MemoryDisk();
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0x80;
      put(disk, bytes);
      const line = firstOf.findLastIndex((first) => first <= at) + 1;
      await expect(open(disk)).rejects.toThrow(
        new UserError(
          `anchors.jsonl line ${line} is damaged; restore the file from a copy, or move it away to start without it (what nodes without a clock send on from their present boot may then move in time).`,
        ),
      );
      expect(Buffer.from(disk.files.get('a')!.written).equals(bytes)).toBe(true);
      seen.add(line);
    }
    expect([...seen]).toEqual([1, 2, 3]);
  });

  it.each([
    ['an empty line', '\n["5",1,1000]\n', 1],
    ['a line cut in the middle of the file', '["5",1,10\n["6",1,2000]\n', 1],
    ['a line break lost', '["5",1,1000]["6",1,2000]\n', 1],
    ['a byte order mark', '\u{feff}["5",1,1000]\n', 1],
    ['a last line that is not one of ours', '["5",1,1000]\nanchors', 2],
  ])('is never forgotten for %s', async (_, text, line) => {
    const disk = new MemoryDisk();
    put(disk, text);
    await expect(open(disk)).rejects.toThrow(`anchors.jsonl line ${line} is damaged;`);
  });

  it('leaves nothing of a failed try behind a shorter line', async () => {
    const disk = new MemoryDisk();
    const anchors = await open(disk);
    disk.fail('sync');
    await expect(anchors.fix(123_456_789n, 1, 1_700_000_000_000)).rejects.toThrow('EIO');
    await anchors.fix(5n, 1, 1000);
    disk.crash();
    expect((await open(disk)).get(5n, 1)).toBe(1000);
  });
});
