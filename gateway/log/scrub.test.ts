import { verifier } from '@vitalshare/edge/identity/node';
import { describe, expect, it } from 'vitest';
import { bench, frameRecord, gateway } from './log.fixture.ts';
import { MemoryDisk } from './memory-disk.fixture.ts';
import { scrubLog } from './scrub.ts';

const verify = verifier(gateway.sign);

async function written() {
  const disk = new MemoryDisk();
  const { log } = await bench(disk);
  for (let i = 0; i < 3; i++) await log.append(frameRecord(i));
  await log.close();
  const name = `${log.log}.log`;
  return { file: await disk.open(name), bytes: disk.files.get(name)!.written, log: log.log };
}

describe('a scrub of a log', () => {
  it('counts what is whole, and what is torn at its end', async () => {
    const { file, bytes, log } = await written();
    const whole = {
      log,
      batches: 5,
      position: 5,
      timeMs: 1_700_000_000_000,
      bytes: bytes.length,
      tornBytes: 0,
    };
    expect(await scrubLog(log, file, verify)).toEqual(whole);
    const cut = {
      size: () => Promise.resolve(bytes.length - 9),
      read: (at: number, length: number) => file.read(at, length),
    };
    const { batches, tornBytes, damage } = await scrubLog(log, cut, verify);
    expect([batches, damage]).toEqual([4, undefined]);
    expect(tornBytes).toBeGreaterThan(0);
  });

  it('finds every flipped bit, of signatures too, with its position', async () => {
    const { file, bytes, log } = await written();
    for (let at = 0; at < bytes.length; at++) {
      bytes[at]! ^= 1 << (at % 8);
      const { damage, tornBytes, batches } = await scrubLog(log, file, verify);
      // A length that grew looks like a batch that is not whole: nothing of it counts as good.
      if (damage === undefined) expect(tornBytes).toBeGreaterThan(0);
      else expect(damage).toMatch(/^log position \d: /);
      expect(batches).toBeLessThan(5);
      bytes[at]! ^= 1 << (at % 8);
    }
    expect((await scrubLog(log, file, verify)).batches).toBe(5);
  });
});
