/**
 * What every journal promises, as tests each of them runs. `reopen` gives a journal as the next
 * lifetime would find it; what was not closed was killed.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Journal } from './loop.ts';

export interface JournalUnderTest {
  readonly journal: Journal;
  readonly reopen: () => Promise<Journal>;
}

const frame = (text: string) => new TextEncoder().encode(text);

export function journalContract(make: () => Promise<JournalUnderTest>): void {
  it('never hands out a boot twice [WIRE-4]', async () => {
    const { journal, reopen } = await make();
    const first = await journal.openBoot();
    const second = await journal.openBoot();
    const third = await (await reopen()).openBoot();
    expect(first).toBeGreaterThanOrEqual(1);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
  });

  it('gives back what it keeps, byte for byte, in this lifetime and the next', async () => {
    const { journal, reopen } = await make();
    const boot = await journal.openBoot();
    await journal.append(boot, 1, frame('one'));
    await journal.append(boot, 2, new Uint8Array(0));
    await journal.append(boot, 4, new Uint8Array(65_536).fill(9));
    for (const kept of [journal, await reopen()]) {
      expect(await kept.read(boot, 1)).toEqual(frame('one'));
      expect(await kept.read(boot, 2)).toEqual(new Uint8Array(0));
      expect(await kept.read(boot, 4)).toEqual(new Uint8Array(65_536).fill(9));
      expect(await kept.read(boot, 3)).toBeNull();
      expect(await kept.read(boot + 1, 1)).toBeNull();
      expect(await kept.pending()).toEqual([{ boot, sequences: [1, 2, 4] }]);
      expect(kept.bytesKept).toBe(65_539);
    }
  });

  it('keeps its own copy of a frame', async () => {
    const { journal } = await make();
    const boot = await journal.openBoot();
    const bytes = frame('one');
    await journal.append(boot, 1, bytes);
    bytes.fill(0);
    (await journal.read(boot, 1))!.fill(0);
    expect(await journal.read(boot, 1)).toEqual(frame('one'));
  });

  it('erases ranges, and only those', async () => {
    const { journal, reopen } = await make();
    const boot = await journal.openBoot();
    for (let i = 1; i <= 10; i++) await journal.append(boot, i, frame(`frame ${i}`));
    await journal.erase(boot, [
      { first: 1, last: 3 },
      { first: 5, last: 0xffffffff },
    ]);
    await journal.erase(boot + 7, [{ first: 1, last: 10 }]);
    for (const kept of [journal, await reopen()]) {
      expect(await kept.pending()).toEqual([{ boot, sequences: [4] }]);
      expect(await kept.read(boot, 3)).toBeNull();
      expect(kept.bytesKept).toBe(7);
    }
  });

  it('lists boots in order, and an erased boot not at all', async () => {
    const { journal, reopen } = await make();
    const boots = [await journal.openBoot(), await journal.openBoot(), await journal.openBoot()];
    for (const boot of boots) await journal.append(boot, 1, frame('x'));
    await journal.erase(boots[1]!, [{ first: 1, last: 1 }]);
    const left = [boots[0]!, boots[2]!].map((boot) => ({ boot, sequences: [1] }));
    for (const kept of [journal, await reopen()]) expect(await kept.pending()).toEqual(left);
  });

  it('refuses a frame of a boot that is not open, and a sequence twice', async () => {
    const { journal } = await make();
    const boot = await journal.openBoot();
    await journal.append(boot, 1, frame('x'));
    await expect(journal.append(boot, 1, frame('y'))).rejects.toThrow(RangeError);
    await expect(journal.append(boot + 1, 1, frame('y'))).rejects.toThrow(RangeError);
    expect(await journal.read(boot, 1)).toEqual(frame('x'));
  });

  it('agrees with a map over any schedule of appends, erasures and deaths', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
      fc.record({ kind: fc.constant('erase' as const), first: fc.nat(12), count: fc.nat(6) }),
      fc.record({ kind: fc.constant('die' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const { journal, reopen } = await make();
        const model = new Map<string, Uint8Array>();
        let kept = journal;
        let boot = await kept.openBoot();
        let sequence = 0;
        for (const now of steps) {
          if (now.kind === 'append') {
            sequence += 1;
            await kept.append(boot, sequence, now.bytes);
            model.set(`${boot}/${sequence}`, now.bytes);
          } else if (now.kind === 'erase') {
            const last = now.first + now.count;
            await kept.erase(boot, [{ first: now.first, last }]);
            for (let i = now.first; i <= last; i++) model.delete(`${boot}/${i}`);
          } else {
            kept = await reopen();
            boot = await kept.openBoot();
            sequence = 0;
          }
        }
        const names = (await kept.pending()).flatMap((entry) =>
          entry.sequences.map((each) => `${entry.boot}/${each}`),
        );
        expect(names).toEqual([...model.keys()]);
        for (const [name, bytes] of model) {
          const [of, at] = name.split('/').map(Number);
          expect(await kept.read(of!, at!)).toEqual(bytes);
        }
        expect(kept.bytesKept).toBe(
          [...model.values()].reduce((sum, { length }) => sum + length, 0),
        );
      }),
      { numRuns: 25 },
    );
  });
}
