import { describe, expect, it } from 'vitest';
import { HeartRate } from './heart-rate.ts';

function rateOf(beatsS: readonly number[], nowS = beatsS.at(-1)!): number {
  const rate = new HeartRate();
  for (const atS of beatsS) rate.beat(atS);
  return rate.at(nowS);
}
const train = (...intervalsS: number[]): number[] =>
  intervalsS.reduce<number[]>((list, rr) => [...list, list.at(-1)! + rr], [10]);
const repeat = (count: number, ...intervalsS: number[]): number[] =>
  Array.from({ length: count }, () => intervalsS).flat();

/** Fifteen intervals of 12 s in all. */
const UNEVEN = [0.9, 0.5, 1.1, 0.62, 0.7, 1.3, 0.4, 0.85, 0.55, 1.02, 0.66, 1.2, 0.45, 0.95, 0.8];

describe('heart rate', () => {
  it('is 60 over RR', () => {
    expect(rateOf(train(...repeat(10, 0.75)))).toBeCloseTo(80, 9);
  });

  it('is true in bigeminy, where the median of RR would not be', () => {
    expect(rateOf(train(...repeat(6, 0.5, 1.1)))).toBeCloseTo(75, 9);
  });

  it('bears one beat missed, and one too many', () => {
    expect(rateOf(train(...repeat(6, 0.8), 1.6, ...repeat(5, 0.8)))).toBeCloseTo(75, 9);
    expect(rateOf(train(...repeat(6, 0.8), 0.3, 0.5, ...repeat(4, 0.8)))).toBeCloseTo(75, 9);
  });

  it('follows a change within twelve beats', () => {
    expect(rateOf(train(...repeat(12, 1), ...repeat(12, 0.5)))).toBeCloseTo(120, 9);
  });

  it('counts where no two pairs are alike, as in fibrillation', () => {
    expect(rateOf(train(...UNEVEN))).toBeCloseTo(75, 9);
  });

  it('goes from one to the other without a jump', () => {
    // From even to as uneven as above: 0.8 s in the mean throughout.
    let before = 75;
    for (let part = 0; part <= 1; part += 0.02) {
      const rate = rateOf(train(...UNEVEN.map((rr) => 0.8 + part * (rr - 0.8))));
      expect(Math.abs(rate - before)).toBeLessThan(1);
      before = rate;
    }
    expect(before).toBeCloseTo(75, 9);
  });

  it('is not a number below three intervals, nor of beats long past', () => {
    expect(rateOf(train(0.8, 0.8))).toBeNaN();
    expect(rateOf(train(0.8, 0.8, 0.8))).toBeCloseTo(75, 9);
    expect(rateOf(train(...repeat(10, 0.8)), 40)).toBeNaN();
  });
});
