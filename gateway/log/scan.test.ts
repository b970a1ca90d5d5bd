import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { batchHolding } from './batch-holding.ts';
import { bench, frameRecord, open } from './log.fixture.ts';
import { LogIndex } from './log-index.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';
import { scanProgress } from './scan-progress.ts';

describe('a log after a restart', () => {
  const collect = (): void => {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
  };

  it('is served without holding what was read at start', async () => {
    const disk = new MemoryDisk();
    const { log } = await bench(disk);
    const big = { kind: 4, bytes: new Uint8Array(4 * 2 ** 20 - 200) } as const;
    for (let i = 0; i < 3; i++) await log.append(big);
    const held = async (): Promise<number> => {
      for (let i = 0; i < 3; i++) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 20)); // Buffers are given back meanwhile.
      }
      return process.memoryUsage().arrayBuffers;
    };
    const before = await held();
    const { known } = await open(disk);
    expect((await held()) - before).toBeLessThan(2 ** 20);
    expect(await known.scanned.hashAt(5)).toEqual(known.log.head.hash);
  });

  it('knows the hash behind each batch, reading no more than it must', async () => {
    const disk = new MemoryDisk();
    const { log } = await bench(disk);
    const hashes = new Map([[2, log.head.hash]]);
    for (const count of [1, 3, 2]) {
      const records = Array.from({ length: count }, (_, i) => frameRecord(i));
      await Promise.all(records.map((record) => log.append(record)));
      hashes.set(log.head.position, log.head.hash);
    }
    const { known } = await open(disk);
    disk.askedBytes = 0;
    for (let position = 2; position <= 9; position++) {
      expect(await known.scanned.hashAt(position)).toEqual(hashes.get(position));
    }
    const { length } = disk.files.get(`${log.log}.log`)!.written;
    expect(disk.askedBytes).toBeLessThan(2 * 8 * length); // Headers, and the batch itself.
  });

  it('says how far its scan is, every ten seconds of it', async () => {
    const disk = new MemoryDisk();
    for (let i = 0; i < 4; i++) await bench(disk);
    let nowMs = 0;
    const said: string[] = [];
    const clock = (): number => (nowMs += 6_000);
    await open(disk, { clock, say: (sentence) => said.push(sentence) });
    expect(said).toEqual([
      expect.stringMatching(/^reading its log: 50 %, 0 of 0 MB\.$/),
      expect.stringMatching(/^reading its log: 100 %, 0 of 0 MB\.$/),
    ]);
    const progress = scanProgress(2_000_000_000, clock, (sentence) => said.push(sentence));
    for (let i = 0; i < 3; i++) progress(250_000_000);
    expect(said[2]).toBe('reading its log: 25 %, 500 of 2000 MB.');
    expect(said).toHaveLength(3);
  });
});

describe('a batch far behind the last known place', () => {
  it('is found with one read for every stretch of the file that was never indexed', async () => {
    // 30,000 headers of empty bodies, two records each, every 129 bytes; one place is known.
    const batches = 30_000;
    const bytes = new Uint8Array(129 * batches);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < batches; i++) {
      view.setBigUint64(129 * i + 9, BigInt(2 * i), true);
      view.setUint32(129 * i + 17, 2, true);
    }
    const disk = new MemoryDisk();
    disk.files.set('x', { written: bytes, synced: bytes });
    const file = await disk.open('x');
    const index = new LogIndex();
    index.add({ position: 0, offset: 0 });
    const find = (position: number) => batchHolding(file, index, bytes.length, position);
    expect(await find(1)).toEqual({ position: 0, offset: 0, count: 2, bytes: 129 });
    for (const batch of [8_127, 8_128, 8_129, 8_130, 29_999]) {
      disk.reads = 0;
      const found = { position: 2 * batch, offset: 129 * batch, count: 2, bytes: 129 };
      expect(await find(2 * batch)).toEqual(found);
      expect(await find(2 * batch + 1)).toEqual(found);
      expect(disk.reads).toBeLessThanOrEqual(2 * 4); // 3.9 MB.
    }
    expect(await find(2 * batches)).toBeUndefined();
  });
});
