import { describe, expect, it } from 'vitest';
import { HrvWindow } from './hrv.ts';

/** Intervals in turn until `untilS`; `usualOf` says how usual beat `index` looks. */
function window(
  intervalsS: readonly number[],
  untilS: number,
  usualOf: (index: number) => number = () => 1,
): HrvWindow {
  const hrv = new HrvWindow();
  for (let atS = 0, index = 0; atS <= untilS; index++) {
    hrv.beat(atS, usualOf(index));
    atS += intervalsS[index % intervalsS.length]!;
  }
  return hrv;
}

describe('heart rate variability', () => {
  it('is nothing for a clock', () => {
    const hrv = window([0.8], 400).at(400)!;
    expect(hrv.sdnnMs).toBeCloseTo(0, 6);
    expect(hrv.rmssdMs).toBeCloseTo(0, 6);
  });

  it('is what a hand computes: 790 and 810 ms in turn', () => {
    // Deviations of 10 ms each, differences of 20 ms each.
    const hrv = window([0.79, 0.81], 400).at(400)!;
    expect(hrv.sdnnMs).toBeCloseTo(10, 1);
    expect(hrv.rmssdMs).toBeCloseTo(20, 6);
    expect(Math.abs(hrv.intervals - 300 / 0.8)).toBeLessThan(3);
  });

  it('leaves out ectopic beats, and differences across them', () => {
    const ectopic = window([0.8], 400, (index) => (index % 20 === 19 ? 0.2 : 1)).at(400)!;
    expect(ectopic.rmssdMs).toBeCloseTo(0, 6);
    expect(ectopic.intervals).toBeGreaterThan(320);
    expect(ectopic.intervals).toBeLessThan(345);
  });

  it('leaves out an interval that is 20 % off those before: a beat was missed', () => {
    const missed = [...Array.from({ length: 19 }, () => 0.8), 1.6];
    expect(window(missed, 400).at(400)!.sdnnMs).toBeCloseTo(0, 6);
  });

  it('is absent before four of five minutes are normal', () => {
    expect(window([0.8], 230).at(230)).toBeNull();
    expect(window([0.8], 400, (index) => index % 3).at(400)).toBeNull();
    expect(window([0.8], 400).at(900)).toBeNull();
  });
});
