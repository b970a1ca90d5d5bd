import { verifier } from '@vitalshare/edge/identity/node';
import { describe, expect, it } from 'vitest';
import { LogScrubs } from './background-scrub.ts';
import { bench, frameRecord, gateway } from './log.fixture.ts';
import type { MaskedLog } from './masked-log.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';

async function scrubbed() {
  const disk = new MemoryDisk();
  const { log } = await bench(disk);
  for (let i = 0; i < 400; i++) await log.append(frameRecord(i));
  const said: string[] = [];
  const pausesMs: number[] = [];
  const ended = new AbortController();
  const scrubs = (logs: readonly MaskedLog[]) =>
    new LogScrubs({
      logs: new Map(logs.map((each) => [each.log, each])),
      verify: verifier(gateway.sign),
      say: (sentence) => said.push(sentence),
      sleep: (ms) => {
        pausesMs.push(ms);
        return Promise.resolve();
      },
      signal: ended.signal,
    });
  const { written } = disk.files.get(`${log.log}.log`)!;
  return { disk, log, scrubs, said, pausesMs, ended, written };
}

describe('the scrub of a running gateway', () => {
  it('reads a log to its durable end in steps, and what is appended later the next time', async () => {
    const { log, scrubs, said, pausesMs, written } = await scrubbed();
    const scrub = scrubs([log]);
    await scrub.once();
    // 50,000 bytes, then a tenth of a second.
    expect(pausesMs).toEqual(Array(Math.ceil(written.length / 50_000)).fill(100));
    await log.append(frameRecord(1));
    await scrub.once();
    expect([said, scrub.damaged.size]).toEqual([[], 0]);
  });

  it('names a flipped bit by log and position, once, and the other logs are read on', async () => {
    const { log, scrubs, said, written } = await scrubbed();
    const { log: other } = await bench(new MemoryDisk());
    written[written.length >> 1]! ^= 4;
    const scrub = scrubs([log, other]);
    await scrub.once();
    await scrub.once();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^log [0-9a-f]{32} is damaged \(log position \d+: .+restore/);
    expect([...scrub.damaged.keys()]).toEqual([log.log]);
    // Frames go on behind it.
    await expect(log.append(frameRecord(2))).resolves.toBeGreaterThan(400);
  });

  it('calls a disk that does not read by its code, until it reads', async () => {
    const { disk, log, scrubs, said } = await scrubbed();
    const scrub = scrubs([log]);
    disk.fail('read', 1);
    await scrub.once();
    expect(said[0]).toContain('(EIO)');
    expect(scrub.damaged.size).toBe(1);
    await scrub.once();
    expect([said.length, scrub.damaged.size]).toEqual([1, 0]);
  });

  it('ends between two steps when the gateway does', async () => {
    const { log, scrubs, said, ended, written } = await scrubbed();
    written[written.length - 9]! ^= 1;
    ended.abort();
    const scrub = scrubs([log]);
    await scrub.always();
    await scrub.once();
    expect([said, scrub.damaged.size]).toEqual([[], 0]);
  });
});
