import { describe, expect, it } from 'vitest';
import { journalContract } from './journal.contract.ts';
import { bootOfClock, memoryJournal } from './loop.ts';

describe('a journal in memory', () => {
  journalContract(() => {
    const journal = memoryJournal();
    return Promise.resolve({ journal, reopen: () => Promise.resolve(journal) });
  });

  it('begins after the boot it is given', async () => {
    expect(await memoryJournal(41).openBoot()).toBe(42);
  });
});

describe('the boot of a clock [S12]', () => {
  it('counts seconds since 2020', () => {
    expect(bootOfClock(Date.UTC(2020, 0, 1, 0, 0, 1))).toBe(1);
    expect(bootOfClock(Date.UTC(2026, 0, 1))).toBe(189_388_800);
  });

  it('is 0 for a clock that was never set, and for one far ahead', () => {
    expect(bootOfClock(0)).toBe(0);
    expect(bootOfClock(Date.UTC(2020, 0, 1))).toBe(0);
    expect(bootOfClock(Date.UTC(2150, 0, 1))).toBe(0);
    expect(bootOfClock(Number.NaN)).toBe(0);
  });
});
