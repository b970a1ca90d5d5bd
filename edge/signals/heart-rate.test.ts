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

  it('is not a number below three intervals, nor of beats long past', () => {
    expect(rateOf(train(0.8, 0.8))).toBeNaN();
    expect(rateOf(train(0.8, 0.8, 0.8))).toBeCloseTo(75, 9);
    expect(rateOf(train(...repeat(10, 0.8)), 40)).toBeNaN();
  });
});
