import { describe, expect, it } from 'vitest';
import { makeRandom } from './random.ts';

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

describe('seeded random numbers', () => {
  it('repeat for the same seeds and only for those', () => {
    const first = (...seeds: number[]): string => draw(4, makeRandom(...seeds).uniform).join();
    expect(first(1, 23)).toBe(first(1, 23));
    const others = [
      first(1, 23),
      first(12, 3),
      first(23, 1),
      first(1),
      first(1, 23, 0),
      first(),
      first(2 ** 32 + 1, 23),
      first(-1, 23),
    ];
    expect(new Set(others).size).toBe(others.length);
    expect(() => makeRandom(1.5)).toThrow(RangeError);
    expect(() => makeRandom(NaN)).toThrow(RangeError);
  });

  it('fill [0, 1) evenly', () => {
    const values = draw(100_000, makeRandom(5).uniform);
    const counts = new Array<number>(10).fill(0);
    for (const value of values) counts[Math.floor(value * 10)]!++;
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    // 10,000 expected with a standard deviation of 95.
    counts.forEach((count) => expect(Math.abs(count - 10_000)).toBeLessThan(475));
  });

  it('have the moments of a normal distribution', () => {
    const values = draw(100_000, makeRandom(6).normal);
    const moment = (power: number): number =>
      values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.02);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2);
  });
});
