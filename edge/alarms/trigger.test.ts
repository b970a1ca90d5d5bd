import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Elapsed } from './elapsed.ts';
import { Trigger } from './trigger.ts';

/** One letter a second: `1` holds, `.` releases, `-` neither, a space is not told. */
function play(script: string, delayMs: number, clearMs: number, gapMsMax = 10_000): string {
  const trigger = new Trigger({ delayMs, clearMs, gapMsMax }, false, 0);
  return Array.from(script)
    .map((letter, second) => {
      if (letter !== ' ') trigger.tell(letter === '1', letter === '.', 1000 * second);
      return trigger.stands ? '#' : '_';
    })
    .join('');
}

describe('a trigger', () => {
  it.each([
    ['at once', 0, 0, '..1.1..', '__#_#__'],
    ['after its delay', 3000, 0, '.111111', '____###'],
    ['never for what is shorter', 3000, 0, '.111.111.111.', '_____________'],
    ['until it is clear', 0, 3000, '1..1...1....', '###########_'],
    [
      'neither begins nor ends in the hysteresis',
      2000,
      2000,
      '1-11-1111-..-...',
      '_______########_',
    ],
  ])('%s', (_, delayMs, clearMs, script, stands) => {
    expect(play(script, delayMs, clearMs)).toBe(stands);
  });

  it('begins its delay anew after a pause in the telling', () => {
    expect(play('11   1111', 4000, 0, 2000)).toBe('_________');
    expect(play('11   11111', 4000, 0, 2000)).toBe('_________#');
    expect(play('11   1111', 4000, 0, 5000)).toBe('_____####');
  });

  it('drops what is not known any more, and is excused for what a clock did', () => {
    const trigger = new Trigger({ delayMs: 2000, clearMs: 0, gapMsMax: 1e9 }, true, 0);
    expect([trigger.drop(), trigger.stands, trigger.drop()]).toEqual([true, false, false]);
    trigger.tell(true, false, 1000);
    trigger.excuse(3_600_000);
    expect(trigger.tell(true, false, 3_601_000)).toBe(false);
    expect(trigger.tell(true, false, 3_603_000)).toBe(true);
  });
});

describe('elapsed time', () => {
  it.each([
    [1000, 0, 1000],
    [10_000, 0, 10_000],
    [10_001, 10_001, 10_001],
    [-2000, 0, 0],
    [-2001, -2001, 0],
    [NaN, 0, 0],
    [Infinity, 0, 0],
  ])('a step of %d ms is a jump of %d and %d that passed', (stepMs, jumpMs, passedMs) => {
    const time = new Elapsed(5_000_000);
    expect([time.read(5_000_000 + stepMs), time.ms]).toEqual([jumpMs, passedMs]);
  });

  it('a reading of before a jump back is of now, never of later', () => {
    const time = new Elapsed(1_000_000);
    time.read(1_005_000);
    expect([time.of(1_004_000), time.of(1_009_000), time.wall(6_000)]).toEqual([
      ...[4_000, 5_000, 1_006_000],
    ]);
    time.read(500_000);
    expect([time.of(1_004_000), time.wall(6_000)]).toEqual([5_000, 501_000]);
  });

  it('never goes back, whatever the clock does', () => {
    const property = fc.property(fc.array(fc.double({ min: -1e13, max: 1e13 })), (clock) => {
      const time = new Elapsed(0);
      for (const nowMs of clock) {
        const before = time.ms;
        time.read(nowMs);
        expect(time.ms).toBeGreaterThanOrEqual(before);
      }
    });
    fc.assert(property);
  });
});
