import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../log/memory-disk.fixture.ts';
import { Journal, JOURNAL_FILES } from './journal.ts';

async function opened(disk: MemoryDisk) {
  const said: string[] = [];
  const journal = await Journal.open(disk, (sentence) => said.push(sentence));
  return { journal, said };
}
const statesOf = (journal: Journal) => Object.fromEntries(journal.states);
const fileOf = (disk: MemoryDisk, turn: 0 | 1) => disk.files.get(JOURNAL_FILES[turn])!;

describe('the ward’s journal', () => {
  it('is empty where there is none, and gives back what was set and what happened', async () => {
    const disk = new MemoryDisk();
    const { journal, said } = await opened(disk);
    expect([statesOf(journal), journal.events]).toEqual([{}, []]);
    journal.set('bed/1', { a: 1 });
    journal.set('bed/2', 2);
    journal.add('first');
    expect(await journal.durable()).toBe(true);
    journal.set('bed/1', { a: 2 });
    journal.set('bed/2', undefined);
    journal.set('never', undefined);
    journal.add('second');
    expect(await journal.durable()).toBe(true);
    const again = await opened(disk);
    expect(statesOf(again.journal)).toEqual({ 'bed/1': { a: 2 } });
    expect(again.journal.events).toEqual(['first', 'second']);
    expect([said, again.said]).toEqual([[], []]);
  });

  it('loses nothing that was durable to a power cut, and names what was torn', async () => {
    for (let torn = 0; torn < 60; torn++) {
      const disk = new MemoryDisk();
      const { journal } = await opened(disk);
      journal.set('a', 1);
      await journal.durable();
      journal.set('b', 'a text that is long enough to be torn somewhere in the middle');
      disk.fail('sync');
      expect(await journal.durable()).toBe(false);
      disk.crash(torn);
      const { journal: after, said } = await opened(disk);
      expect(after.states.get('a')).toBe(1);
      expect(said).toHaveLength(torn === 0 ? 0 : 1);
      // And goes on from there, in the other file.
      after.set('c', 3);
      expect(await after.durable()).toBe(true);
      const last = await opened(disk);
      expect(statesOf(last.journal)).toEqual({ a: 1, c: 3 });
      expect(last.said).toEqual([]);
    }
  });

  it('names damage and keeps what is whole, whichever byte is hit', async () => {
    const disk = new MemoryDisk();
    const { journal } = await opened(disk);
    for (let i = 0; i < 5; i++) journal.set(`bed/${i}`, { limits: i });
    journal.add({ what: 'x' });
    await journal.durable();
    const whole = fileOf(disk, 1).written.slice();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const hit = whole.slice();
          hit[at]! ^= flip;
          fileOf(disk, 1).written = hit;
          const { journal: after, said } = await opened(disk);
          const kept = Object.entries(statesOf(after));
          for (const [key, value] of kept) expect(value).toEqual({ limits: Number(key.slice(4)) });
          if (at >= 48) expect(kept.length).toBeGreaterThanOrEqual(3);
          expect(said).toHaveLength(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes on from memory when the disk fails, says so once, and writes everything when it is back', async () => {
    const disk = new MemoryDisk();
    const { journal, said } = await opened(disk);
    journal.set('a', 1);
    await journal.durable();
    disk.fail('full', 3);
    journal.set('b', 2);
    expect(await journal.durable()).toBe(false);
    journal.add('meanwhile');
    expect(await journal.durable()).toBe(false);
    expect([journal.failing, said.length]).toEqual(['ENOSPC', 1]);
    expect(await journal.durable()).toBe(false);
    // Nothing new has to happen for it to be tried again.
    expect(await journal.durable()).toBe(true);
    expect(said[1]).toBe('the ward’s journal is written again.');
    const after = await opened(disk);
    expect(statesOf(after.journal)).toEqual({ a: 1, b: 2 });
    expect(after.journal.events).toEqual(['meanwhile']);
  });

  it('is written anew when it has grown, and a crash on the way leaves the one before', async () => {
    const disk = new MemoryDisk();
    const { journal } = await opened(disk);
    const text = 'x'.repeat(20_000);
    for (let i = 0; i < 2_000; i++) {
      journal.set('bed/1', `${i} ${text}`);
      journal.add(i);
      if (i % 100 === 0) await journal.durable();
    }
    await journal.durable();
    const sizes = [fileOf(disk, 0).written.length, fileOf(disk, 1).written.length];
    expect(Math.max(...sizes)).toBeLessThan(17 * 2 ** 20);
    journal.set('bed/1', 'last');
    await journal.durable();
    const after = await opened(disk);
    expect(after.journal.states.get('bed/1')).toBe('last');
    expect(after.journal.events.at(-1)).toBe(1_999);

    // The next one is written whole, and its head never gets there.
    fileOf(disk, 0).written.set([120], 60);
    fileOf(disk, 1).written.set([120], 60);
    const hurt = await opened(disk);
    const before = statesOf(hurt.journal);
    disk.fail('sync');
    hurt.journal.set('new', 1);
    expect(await hurt.journal.durable()).toBe(false);
    disk.crash();
    expect(statesOf((await opened(disk)).journal)).toEqual(before);
  });

  it('that cannot be read is named, and the ward begins', async () => {
    const disk = new MemoryDisk();
    disk.fail('read', 2);
    const { journal, said } = await opened(disk);
    expect(statesOf(journal)).toEqual({});
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('ward-0.jsonl cannot be read (EIO)');
  });

  it('keeps the newest events', async () => {
    const disk = new MemoryDisk();
    const { journal } = await opened(disk);
    for (let i = 0; i < 40_000; i++) journal.add(i);
    await journal.durable();
    const { events } = (await opened(disk)).journal;
    expect([events.length, events[0], events.at(-1)]).toEqual([16_384, 23_616, 39_999]);
  });
});
