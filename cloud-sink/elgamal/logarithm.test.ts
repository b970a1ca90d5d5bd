/** Numbers back out of the exponent: both signs, the ends of a range, and what is outside. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { affineOf, alongLine, fourTimes, stridesOf } from './edwards.ts';
import { ElgamalError } from './error.ts';
import { decodePoint, G, IDENTITY, modOrder, times, timesPublic } from './group.ts';
import { type BabySteps, Logarithms, makeBabySteps } from './logarithm.ts';

const power = (m: bigint) => timesPublic(G, modOrder(m));

describe('many points at once', () => {
  it('have the y that the library’s own addition finds', () => {
    const step = fourTimes(times(G, 12345n));
    const strides = stridesOf(step, 5);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), (n) => {
        const centre = fourTimes(timesPublic(G, n));
        const [above, below]: [bigint[], bigint[]] = [[], []];
        alongLine(affineOf(centre), strides, above, below);
        for (let i = 1; i <= 5; i++) {
          const stride = timesPublic(step, BigInt(i));
          expect(above[i - 1]).toBe(affineOf(centre.add(stride)).y);
          expect(below[i - 1]).toBe(affineOf(centre.subtract(stride)).y);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('also where a sum is the identity, a doubling, or has the centre at the identity', () => {
    const step = fourTimes(G);
    const strides = stridesOf(step, 3);
    for (const centre of [step, step.negate(), IDENTITY]) {
      const [above, below]: [bigint[], bigint[]] = [[], []];
      alongLine(affineOf(centre), strides, above, below);
      for (let i = 1; i <= 3; i++) {
        expect(above[i - 1]).toBe(affineOf(centre.add(timesPublic(step, BigInt(i)))).y);
        expect(below[i - 1]).toBe(affineOf(centre.subtract(timesPublic(step, BigInt(i)))).y);
      }
    }
  });
});

describe('logarithms', () => {
  let table: BabySteps;
  let logarithms: Logarithms;
  const told: [number, number][] = [];
  beforeAll(() => {
    table = makeBabySteps(16, (done, total) => told.push([done, total]));
    logarithms = new Logarithms(table);
  });

  it('the table reaches at least as far as asked, and tells how far it is', () => {
    expect(table.reach).toBeGreaterThanOrEqual(65_536);
    expect(told.length).toBeGreaterThan(1);
    expect(told.every(([done, total]) => done <= total && total === table.reach)).toBe(true);
    expect(() => makeBabySteps(9)).toThrow('asked 2^9');
    expect(() => makeBabySteps(25)).toThrow('asked 2^25');
  });

  it('of any number of a range, both signs, 2^32 wide', () => {
    const [low, high] = [-(2n ** 31n), 2n ** 31n];
    fc.assert(
      fc.property(fc.bigInt({ min: low, max: high }), (m) => {
        expect(logarithms.find(power(m), [{ low, high }])).toBe(m);
      }),
      { numRuns: 15, examples: [[low], [high], [0n], [1n], [-1n]] },
    );
  });

  it('around every edge between baby and giant steps', () => {
    const { reach } = table;
    const range = { low: -100_000_000n, high: 100_000_000n };
    const giant = 2 * reach + 1;
    for (const at of [0, reach, reach + 1, giant, 256 * giant, 257 * giant, 513 * giant]) {
      for (const off of [-1, 0, 1]) {
        for (const m of [BigInt(at + off), BigInt(-at - off)]) {
          expect(logarithms.find(power(m), [range])).toBe(m);
        }
      }
    }
  });

  it('in one of several ranges far apart, such as x + k·p', () => {
    const p = 2n ** 61n - 1n;
    const ranges = [0n, 1n, 2n].map((k) => ({ low: k * p - 1000n, high: k * p + 100_000n }));
    for (const m of [-1000n, 100_000n, p - 1000n, p, 2n * p + 99_999n]) {
      expect(logarithms.find(power(m), ranges)).toBe(m);
    }
  });

  it('of a point that came over the wire, whatever pair of coordinates it is held as', () => {
    const point = decodePoint(power(123_456n).toBytes(), 'it');
    expect(logarithms.find(point, [{ low: 0n, high: 200_000n }])).toBe(123_456n);
  });

  it('a value outside the bound is a named error, never another number', () => {
    const range = { low: 100n, high: 5_000n };
    for (const m of [99n, 5_001n, -100n, 2n ** 40n]) {
      expect(logarithms.find(power(m), [range])).toBeNull();
      expect(() => logarithms.of(power(m), [range])).toThrow(ElgamalError);
    }
    expect(() => logarithms.of(power(1n), [])).toThrow('no number within the bound');
    expect(logarithms.find(power(1n), [{ low: 2n, high: 1n }])).toBeNull();
    expect(logarithms.of(power(100n), [range])).toBe(100n);
    expect(logarithms.of(power(5_000n), [range])).toBe(5_000n);
  });
});
