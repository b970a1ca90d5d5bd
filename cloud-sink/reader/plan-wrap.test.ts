import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSigned } from '@vitalshare/edge/field';
import { magnitudeMax, type Vital, VITALS } from '@vitalshare/edge/vital';
import { checkWrap } from '../data-server/answer-moments.ts';
import type { Catalogue } from '../messages/messages.ts';
import { refuseWrap, rowsBound } from './plan.ts';

const MODULUS = 2305843009213693951n;
const inField = (value: bigint): bigint => ((value % MODULUS) + MODULUS) % MODULUS;

/** Any range, negative ends too, so wide that few rows fill the field. */
const anyVital = fc
  .record({
    a: fc.integer({ min: -(2 ** 28), max: 2 ** 28 }),
    b: fc.integer({ min: 1, max: 2 ** 28 }),
  })
  .map(({ a, b }): Vital => ({
    ...VITALS[0]!,
    min: Math.min(a, b),
    max: Math.max(a, b),
    scale: 1,
  }));
const vitalsOf = fc.oneof(
  fc.array(anyVital, { minLength: 1, maxLength: 8 }),
  fc.uniqueArray(fc.constantFrom(...VITALS), { minLength: 1, maxLength: 8 }),
);
const degreeOf = fc.constantFrom(1 as const, 2 as const);

const passes = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch (error) {
    expect(error).toHaveProperty('code', 'could-wrap');
    return false;
  }
};
/** Rows at and around the first count that is refused. */
function edgeOf(vitals: readonly Vital[], degree: 1 | 2): number {
  let [low, high] = [0, 2 ** 53 - 1];
  while (low < high) {
    const middle = low + Math.floor((high - low + 1) / 2);
    if (passes(() => refuseWrap(vitals, degree, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Sums and products of `rows` rows, each reading at one end of its range. */
function extremes(vitals: readonly Vital[], degree: 1 | 2, rows: number): bigint[] {
  const ends = vitals.map(({ min, max, scale }) => [min, max].map((end) => BigInt(end * scale)));
  const sums = ends.flat().map((end) => BigInt(rows) * end);
  if (degree === 1) return sums;
  const products = ends.flatMap((a, i) =>
    ends.slice(i).flatMap((b) => a.flatMap((x) => b.map((y) => BigInt(rows) * x * y))),
  );
  return [...sums, ...products];
}

describe('a question that passes can never wrap [PROTO-15] [S19]', () => {
  it('whatever its readings are: reader', () => {
    fc.assert(
      fc.property(vitalsOf, degreeOf, fc.nat(), (vitals, degree, less) => {
        const edge = edgeOf(vitals, degree);
        for (const rows of [edge, Math.max(0, edge - less)]) {
          for (const total of extremes(vitals, degree, rows)) {
            expect(toSigned(inField(total))).toBe(total);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('and the server, which nobody’s plan can hurry, refuses no later and no sooner', () => {
    fc.assert(
      fc.property(vitalsOf, degreeOf, (vitals, degree) => {
        const edge = edgeOf(vitals, degree);
        expect(passes(() => checkWrap(edge, vitals, degree))).toBe(true);
        // One row of slack at most, where rows · term is exactly (p − 1)/2.
        if (edge < 2 ** 53 - 2) {
          expect(passes(() => checkWrap(edge + 2, vitals, degree))).toBe(false);
          const beyond = extremes(vitals, degree, edge + 2).some(
            (total) => toSigned(inField(total)) !== total,
          );
          expect(beyond).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the vocabulary has whole magnitudes, and room for ten years of a hundred beds', () => {
    for (const vital of VITALS) expect(Number.isInteger(magnitudeMax(vital))).toBe(true);
    const rows = 100 * 10 * 365 * 86_400;
    expect(passes(() => refuseWrap(VITALS, 1, rows))).toBe(true);
    // Not of every product: 60,000² · 3.2e10 is a hundred times the field.
    expect(passes(() => refuseWrap(VITALS, 2, rows))).toBe(false);
  });

  it('a catalogue’s rows are bounded by its rarest vital sign and by the time asked', () => {
    const [heart, spo2] = [VITALS[0]!, VITALS[2]!];
    const stay = (name: string, rows: number, from: number, to: number) => ({
      stay: name,
      tag: name,
      admitted: true,
      labels: { arm: name },
      vitals: { 'heart-rate': { rows, from, to }, spo2: { rows: 50, from: 0, to: 100 } },
      waveforms: [],
    });
    const catalogue: Catalogue = {
      heads: {},
      stays: [stay('a', 80, 0, 100), stay('b', 10, 0, 100), stay('c', 9, 200, 300)],
    };
    const bound = (rest: object, vitals = [heart, spo2]) =>
      rowsBound({ vitals, where: {}, ...rest }, catalogue);
    expect(bound({})).toBe(50 + 10 + 9);
    expect(bound({}, [heart])).toBe(80 + 10 + 9);
    expect(bound({ from: 90, to: 95 })).toBe(5 + 5);
    expect(bound({ stays: ['a'] })).toBe(50);
    expect(bound({ where: { arm: 'b' } })).toBe(10);
    expect(bound({ from: 100, to: 200 }, [heart])).toBe(0);
  });
});
