import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, multiply } from '../field/textbook.ts';
import { nearestPolynomial, type ServerAnswer, valueAt } from './decode.ts';
import { openAnswer, OpeningError } from './open.ts';

const MODULUS = 2305843009213693951n;
const element = fc.oneof(
  fc.constantFrom(0n, 1n, MODULUS - 1n),
  fc.bigInt({ min: 0n, max: MODULUS - 1n }),
);

/** Polynomial, servers that answer, servers that shift their answer and by how much. */
const scenario = fc.integer({ min: 2, max: 16 }).chain((servers) =>
  fc.record({
    servers: fc.constant(servers),
    coefficients: fc.array(element, { minLength: 1, maxLength: servers }),
    shifts: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(0n) },
        { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: MODULUS - 1n }) },
      ),
      { minLength: servers, maxLength: servers },
    ),
  }),
);

const horner = (coefficients: readonly bigint[], at: number): bigint =>
  coefficients.reduceRight((value, c) => add(multiply(value, BigInt(at)), c), 0n);

/** The slow twin: each k answers in turn, and whoever else is on their polynomial. */
function largestGroup(answers: readonly ServerAnswer[], k: number): number[] {
  let best: number[] = [];
  for (let mask = 0; mask < 1 << answers.length; mask++) {
    const some = answers.filter((_, i) => mask & (1 << i));
    if (some.length !== k) continue;
    const n = Math.max(...answers.map(({ server }) => server));
    const group = answers.filter((other) => {
      const points = [...some.filter(({ server }) => server !== other.server), other];
      if (points.length === k) return true;
      try {
        return (
          openAnswer({ servers: Math.max(2, n), threshold: 1 }, k - 1, points).named.length < 1
        );
      } catch {
        return false;
      }
    });
    if (group.length > best.length) best = group.map(({ server }) => server);
  }
  return best;
}

describe('the nearest polynomial', () => {
  it('is found whenever at most half of the spare answers are wrong, and is nobody else’s', () => {
    fc.assert(
      fc.property(scenario, ({ servers, coefficients, shifts }) => {
        const k = coefficients.length;
        const answers = shifts.map((shift, i) => ({
          server: i + 1,
          value: add(horner(coefficients, i + 1), shift),
        }));
        const wrong = shifts.filter((shift) => shift !== 0n).length;
        const found = nearestPolynomial(answers, k);
        if (2 * wrong <= servers - k) {
          const whole = coefficients.map((_, i) => found?.[i] ?? 0n);
          expect(whole).toEqual(coefficients);
        }
        if (found === null) return;
        expect(found.length).toBeLessThanOrEqual(k);
        const missed = answers.filter(({ server, value }) => valueAt(found, server) !== value);
        expect(2 * missed.length).toBeLessThanOrEqual(servers - k);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is that of the largest group which trying every k finds', () => {
    const small = scenario.filter(({ servers }) => servers <= 7);
    fc.assert(
      fc.property(small, ({ servers, coefficients, shifts }) => {
        const k = coefficients.length;
        const answers = shifts.map((shift, i) => ({
          server: i + 1,
          value: add(horner(coefficients, i + 1), shift),
        }));
        const group = largestGroup(answers, k);
        const found = nearestPolynomial(answers, k);
        if (2 * (servers - group.length) > servers - k) expect(found).toBeNull();
        else {
          const on = answers.filter(({ server, value }) => valueAt(found!, server) === value);
          expect(on.map(({ server }) => server)).toEqual(group);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes a few milliseconds where trying every k takes thousands of interpolations', () => {
    // (15, 3), a product: degree 6, C(15, 7) = 6,435 ways; (12, 4), a sum: C(12, 5) = 792.
    for (const [servers, threshold, degree, liars] of [
      [15, 3, 6, 3],
      [12, 4, 4, 3],
      [16, 2, 4, 2],
    ] as const) {
      const coefficients = Array.from({ length: degree + 1 }, (_, i) => BigInt(i * i + 3));
      const answers = Array.from({ length: servers }, (_, i) => ({
        server: i + 1,
        value: add(horner(coefficients, i + 1), i < liars ? 7n : 0n),
      }));
      const begun = performance.now();
      for (let i = 0; i < 20; i++) {
        const opened = openAnswer({ servers, threshold }, degree, answers);
        expect(opened.named).toEqual([1, 2, 3].slice(0, liars));
        expect(opened.value).toBe(3n);
      }
      expect((performance.now() - begun) / 20).toBeLessThan(50);
    }
  });

  it('gives nothing where too many differ', () => {
    const answers = [5n, 5n, 5n, 9n, 9n, 9n].map((value, i) => ({ server: i + 1, value }));
    expect(nearestPolynomial(answers, 1)).toBeNull();
    expect(() => openAnswer({ servers: 6, threshold: 1 }, 1, answers)).toThrow(OpeningError);
  });
});
