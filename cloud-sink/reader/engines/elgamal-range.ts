/**
 * What a result of encrypted sums can be, and how it is found again in its exponent [PROTO-89] [S15]: the
 * number of rows and the declared ranges leave each sum and product a range, k multiples of p further on.
 */
import { P } from '@vitalshare/edge/field';
import type { Vital } from '@vitalshare/edge/vital';
import type { Logarithms, Point, Range } from '../../elgamal/elgamal.ts';
import { LOGARITHM_RANGE_BITS } from '../../limits.ts';
import { rangeOf } from '../../messages/patient-weights.ts';
import { listed, ReaderError, serverList } from '../errors.ts';
import { degreeOf, type StatisticQuestion } from '../question.ts';
import { partsOf, rowsAtMost, type Session } from '../session.ts';

/** [PROTO-89] [S19] Throws ReaderError `engine` where a result could lie beyond what is searched. */
export function checkRange(session: Session, question: StatisticQuestion): void {
  const degree = degreeOf(session.party, question);
  for (const part of partsOf(session, question)) {
    const rows = rowsAtMost(session, part);
    const widest = rangesOf(part.vitals, degree, 1n)
      .map(({ low, high }) => high - low)
      .reduce((a, b) => (a > b ? a : b), 0n);
    if (BigInt(rows) * widest <= 1n << BigInt(LOGARITHM_RANGE_BITS)) continue;
    const most = (1n << BigInt(LOGARITHM_RANGE_BITS)) / widest;
    const names = listed(part.vitals.map(({ name }) => name));
    throw new ReaderError(
      'engine',
      `--engine elgamal cannot answer this: the question covers up to ${rows} rows, and with the ` +
        `ranges of ${names} a result of at most ${most} can be found again in its exponent. Use ` +
        '--engine shares, or ask about a shorter time.',
    );
  }
}

/** [PROTO-89] [S15] Σ of |S| numbers below p that is m mod p: m + k·p, k ≤ |S|. */
export function numberIn(
  point: Point,
  { low, high }: Range,
  set: readonly number[],
  logarithms: Logarithms,
): bigint {
  // The middle multiples are the likeliest.
  const multiples = Array.from({ length: set.length + 1 }, (_, k) => k).sort(
    (a, b) => Math.abs(a - set.length / 2) - Math.abs(b - set.length / 2),
  );
  const ranges = multiples.map((k) => ({ low: BigInt(k) * P + low, high: BigInt(k) * P + high }));
  const found = logarithms.find(point, ranges);
  if (found === null) {
    throw new ReaderError(
      'disagree',
      `What ${serverList(set)} encrypted adds up to no number within the bound of such readings: at ` +
        'least one of them encrypted something else than its share. No number is given.',
      set,
    );
  }
  const rest = found % P;
  return rest > high ? rest - P : rest;
}

/** Of each sum, then each product a ≤ b, over so many rows. */
export function rangesOf(vitals: readonly Vital[], degree: 0 | 1 | 2, count: bigint): Range[] {
  if (degree === 0) return [];
  const each = vitals.map((vital) => {
    const [low, high] = rangeOf(vital);
    return { low: BigInt(low), high: BigInt(high) };
  });
  const sums = each.map(({ low, high }) => ({ low: count * low, high: count * high }));
  if (degree === 1) return sums;
  const products = each.flatMap((a, i) =>
    each.slice(i).map((b) => {
      const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
      const [low, high] = [
        corners.reduce((x, y) => (x < y ? x : y)),
        corners.reduce((x, y) => (x > y ? x : y)),
      ];
      return { low: count * low, high: count * high };
    }),
  );
  return [...sums, ...products];
}
