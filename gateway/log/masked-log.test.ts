import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBatch, decodeRunRecord, openRunRecord } from '@vitalshare/cloud-sink/messages';
import { afterAll, describe, expect, it } from 'vitest';
import { logContract } from './log.contract.ts';
import { bench, frameRecord, open, runOptions, tagOf } from './log.fixture.ts';
import { LogClosedError } from './masked-log.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';
import { nodeDisk } from './node-disk.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

logContract('memory', () => {
  const disk = new MemoryDisk();
  return Promise.resolve({
    disk,
    bytes: (name) => Promise.resolve(disk.files.get(name)!.written),
    overwrite: (name, bytes) => {
      disk.files.set(name, { written: bytes.slice(), synced: bytes.slice() });
      return Promise.resolve();
    },
  });
});

logContract('the file system', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitalshare-log-'));
  folders.push(folder);
  return {
    disk: nodeDisk(folder),
    bytes: async (name) => new Uint8Array(await readFile(join(folder, name))),
    overwrite: (name, bytes) => writeFile(join(folder, name), bytes),
  };
});

describe('an append on a disk that fails', () => {
  it.each(['write', 'sync', 'full'] as const)(
    'is not acknowledged before it is durable: %s',
    async (fault) => {
      const disk = new MemoryDisk();
      const { log } = await bench(disk);
      disk.fail(fault, 1_000_000);
      let acknowledged = false;
      const appended = log.append(frameRecord(0)).then(() => (acknowledged = true));
      await expect.poll(() => log.failing).toBe(fault === 'full' ? 'ENOSPC' : 'EIO');
      expect(acknowledged).toBe(false);
      disk.fail(fault, 0);
      await appended;
      expect(log.failing).toBeUndefined();
      disk.crash();
      expect((await open(disk)).tags).toEqual([tagOf(0)]);
    },
  );

  it('writes identical bytes when it tries again [PROTO-5] [S1]', async () => {
    const disk = new MemoryDisk();
    const { log } = await bench(disk);
    const start = disk.files.get(`${log.log}.log`)!.written.length;
    disk.fail('sync', 2);
    const tries: string[] = [];
    const appended = log.append(frameRecord(0));
    await expect
      .poll(() => {
        const { written } = disk.files.get(`${log.log}.log`)!;
        if (written.length > start) tries.push(Buffer.from(written.slice(start)).toString('hex'));
        return disk.met;
      })
      .toBe(2);
    // What arrives meanwhile must not join the batch that is being retried.
    const later = log.append(frameRecord(1));
    await Promise.all([appended, later]);
    const { written } = disk.files.get(`${log.log}.log`)!;
    const first = decodeBatch(written.subarray(start), 2)!.batch;
    expect(first.count).toBe(1);
    expect(new Set(tries)).toEqual(new Set([Buffer.from(first.bytes).toString('hex')]));
  });

  it.each([0, 1, 64, 65, 150])(
    'loses nothing acknowledged in a power cut that leaves %i bytes of the rest',
    async (tornBytes) => {
      const disk = new MemoryDisk();
      const { log } = await bench(disk);
      await log.append(frameRecord(0));
      disk.gate = new Promise(() => undefined);
      void log.append(frameRecord(1));
      await new Promise((resolve) => setTimeout(resolve, 1));
      disk.crash(tornBytes);
      disk.gate = undefined;
      const again = await open(disk);
      expect(again.tags).toEqual([tagOf(0)]);
      expect(again.known.scanned.tornBytes).toBe(tornBytes);
    },
  );

  it('gives up when it closes, acknowledging nothing', async () => {
    const disk = new MemoryDisk();
    const { log } = await bench(disk);
    disk.fail('sync', 1_000_000);
    const appended = log.append(frameRecord(0));
    const closed = log.close();
    await expect(appended).rejects.toThrow(LogClosedError);
    await closed;
    await expect(log.append(frameRecord(1))).rejects.toThrow(LogClosedError);
  });

  it('refuses more than it may hold, before a mask is spent', async () => {
    const disk = new MemoryDisk();
    const { log } = await bench(disk);
    disk.gate = new Promise(() => undefined);
    const big = { kind: 4, bytes: new Uint8Array(4 * 2 ** 20 - 200) } as const;
    let held = 0;
    while (!log.full) {
      void log.append(big).catch(() => undefined);
      held += big.bytes.length;
    }
    expect(held).toBeLessThan(64 * 2 ** 20 + big.bytes.length);
    await expect(log.append(big)).rejects.toThrow(LogClosedError);
  });
});

describe('followers', () => {
  it('are woken by the next batch, and let go after their time', async () => {
    const { log } = await bench(new MemoryDisk());
    const waiting = log.waitBeyond(log.head.position, 20_000);
    await log.append(frameRecord(0));
    await waiting;
    await log.waitBeyond(log.head.position, 5);
  });

  it('never see what is not durable', async () => {
    const disk = new MemoryDisk();
    const { log } = await bench(disk);
    let open = (): void => undefined;
    disk.gate = new Promise((resolve) => (open = resolve));
    const appended = log.append(frameRecord(0));
    await expect.poll(() => disk.files.get(`${log.log}.log`)!.written.length).toBeGreaterThan(900);
    expect(log.head.position).toBe(2);
    expect(await log.read(2, 2 ** 23)).toHaveLength(0);
    open();
    await appended;
    expect(log.head.position).toBe(3);
  });
});

describe('a run', () => {
  it('draws secrets of its own at every start and seals each to its members [S1]', async () => {
    const disk = new MemoryDisk();
    const { log } = await bench(disk);
    const bytes = (await log.read(1, 2 ** 20))!;
    const body = decodeBatch(bytes, 1)!.batch.body.subarray(5);
    const record = decodeRunRecord(body);
    const keys = { run: record.run, epoch: record.epoch, generation: record.generation };
    expect(keys).toEqual({ run: 1, epoch: 1, generation: 1 });
    expect(Object.keys(record.sealed)).toEqual(['1', '2', '3']);
    const other = await bench(new MemoryDisk());
    const otherBody = decodeBatch((await other.log.read(1, 2 ** 20))!, 1)!.batch.body.subarray(5);
    expect(decodeRunRecord(otherBody).salt).not.toBe(record.salt);
    expect(() =>
      openRunRecord(record, new Uint8Array(16), 1, runOptions.configuration, 'A'.repeat(43)),
    ).toThrow('do not open');
  });
});
