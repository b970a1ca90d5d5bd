/**
 * What every disk under the log must bring about: the same tests on memory and on the real one.
 * `reopen` is a restart: the files as they are now, nothing of the process.
 */
import { type LogRecord } from '@vitalshare/cloud-sink/messages';
import { describe, expect, it } from 'vitest';
import type { Disk } from './disk.ts';
import { bench, frameRecord, open, tagOf } from './log.fixture.ts';

export interface Stand {
  readonly disk: Disk;
  /** The file's bytes, to damage them. */
  bytes(name: string): Promise<Uint8Array>;
  overwrite(name: string, bytes: Uint8Array): Promise<void>;
}

export function logContract(name: string, stand: () => Promise<Stand>): void {
  describe(`a log on ${name}`, () => {
    it('reads back after a restart what it acknowledged, in order', async () => {
      const { disk } = await stand();
      const { log } = await bench(disk);
      const positions = await Promise.all(frames(5).map((record) => log.append(record)));
      expect(positions).toEqual([2, 3, 4, 5, 6]); // Behind genesis and run.
      await log.close();
      const again = await open(disk);
      expect(again.log.head.position).toBe(7);
      expect(again.tags).toEqual([0, 1, 2, 3, 4].map(tagOf));
      expect(again.known.scanned.lastRun).toBe(1);
    });

    it('puts what arrives together into one batch, and what comes meanwhile into the next', async () => {
      const { disk } = await stand();
      const { log } = await bench(disk);
      await Promise.all(frames(100).map((record) => log.append(record)));
      const all = (await log.read(2, 2 ** 23))!;
      expect(await log.read(102, 2 ** 23)).toEqual(new Uint8Array(0));
      expect(new DataView(all.buffer, all.byteOffset).getUint32(17, true)).toBe(100);
    });

    it('serves whole batches from where one starts and nothing from elsewhere', async () => {
      const { disk } = await stand();
      const { log } = await bench(disk);
      for (const record of frames(3)) await log.append(record);
      const all = (await log.read(0, 2 ** 23))!;
      const starts = [...all.keys()].filter((at) => magicAt(all, at));
      expect(starts).toHaveLength(5); // Genesis, run, three frames.
      expect([...(await log.read(0, starts[2]! - 1))!]).toEqual([...all.subarray(0, starts[1])]);
      for (const [position, at] of starts.entries()) {
        expect([...(await log.read(position, 2 ** 23))!]).toEqual([...all.subarray(at)]);
      }
      await Promise.all(frames(2).map((record) => log.append(record)));
      expect(await log.read(6, 2 ** 23)).toBeNull(); // Inside the batch of 5 and 6.
      expect(await log.read(99, 2 ** 23)).toBeNull();
    });

    it('cuts off a torn last batch, whatever its length [PROTO-5]', async () => {
      const made = await stand();
      const { log } = await bench(made.disk);
      await log.append(frameRecord(0));
      const file = `${log.log}.log`;
      const before = (await made.bytes(file)).length;
      await log.append(frameRecord(1));
      await log.close();
      const whole = await made.bytes(file);
      for (const kept of [before, before + 1, before + 64, before + 65, whole.length - 1]) {
        await made.overwrite(file, whole.subarray(0, kept));
        const again = await open(made.disk);
        expect(again.log.head.position).toBe(3);
        expect(again.known.scanned.tornBytes).toBe(kept - before);
        expect((await made.bytes(file)).length).toBe(before);
        await again.log.close();
      }
    });

    it('names the position of damage anywhere else, and cuts nothing off [PROTO-5]', async () => {
      const made = await stand();
      const { log } = await bench(made.disk);
      for (const record of frames(3)) await log.append(record);
      await log.close();
      const file = `${log.log}.log`;
      const whole = await made.bytes(file);
      const starts = [...whole.keys()].filter((at) => magicAt(whole, at));
      const last = starts.at(-1)!;
      // A signature binds nothing that the next hash does not: followers check every one of them.
      const inSignature = (at: number): boolean =>
        starts.some((start) => at < start && at >= start - 64);
      for (let at = 0; at < last; at++) {
        if (inSignature(at)) continue;
        const damaged = whole.slice();
        damaged[at]! ^= 1 << (at % 8);
        await made.overwrite(file, damaged);
        await expect(open(made.disk)).rejects.toThrow(/is damaged \(log position \d: /);
        expect((await made.bytes(file)).length).toBe(whole.length);
      }
    });
  });
}

const magicAt = (bytes: Uint8Array, at: number): boolean =>
  String.fromCharCode(...bytes.subarray(at, at + 4)) === 'VSL1';

const frames = (count: number): LogRecord[] =>
  Array.from({ length: count }, (_, i) => frameRecord(i));
