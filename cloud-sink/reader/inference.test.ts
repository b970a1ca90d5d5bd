/** What a test or an interval says on worked examples, and where it says a sentence instead. */
import { findVital, type Vital } from '@vitalshare/edge/vital';
import { beforeAll, describe, expect, it } from 'vitest';
import { anova, tTest } from './compare.ts';
import { type Distributions, loadDistributions } from './distributions.ts';
import { inferCorrelation, inferMean, inferRegression } from './inference.ts';
import { computeStatistic, type Moments, productIndex, StatisticError } from './statistics.ts';

let dists: Distributions;
beforeAll(async () => {
  dists = await loadDistributions();
});

const named = (...names: string[]): Vital[] => names.map((name) => findVital(name)!);
const [heart, spo2, resp] = named('heart-rate', 'spo2', 'respiratory-rate') as [
  Vital,
  Vital,
  Vital,
];

/** Patients of equal weight, one row of fixed-point means each. */
function patients(rows: readonly (readonly number[])[], weight = 1n): Moments {
  const k = rows[0]?.length ?? 1;
  const sums = Array.from({ length: k }, () => 0n);
  const products = Array.from({ length: (k * (k + 1)) / 2 }, () => 0n);
  for (const row of rows) {
    for (let a = 0; a < k; a++) {
      sums[a]! += weight * BigInt(row[a]!);
      for (let b = a; b < k; b++) {
        products[productIndex(a, b, k)]! += weight * BigInt(row[a]!) * BigInt(row[b]!);
      }
    }
  }
  const n = BigInt(rows.length);
  const weights = { patients: rows.length, sum: n * weight, squares: n * weight * weight };
  return { count: 60 * rows.length, sums, products, weights };
}

const tens = (values: readonly number[]): number[][] => values.map((v) => [Math.round(v * 10)]);

function refusal(compute: () => unknown): StatisticError {
  try {
    compute();
  } catch (error) {
    if (error instanceof StatisticError) return error;
    throw error;
  }
  throw new Error('expected a StatisticError, got a value');
}

describe('published data', () => {
  // Student, "The probable error of a mean", Biometrika 6 (1908): hours of sleep gained, two drugs.
  const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
  const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
  const hours: Vital = { ...heart, min: -10, max: 10 };

  it("Student's sleep data: Welch t = −1.8608, 17.776 degrees of freedom, p = 0.07939 (R, t.test)", () => {
    const groups = [
      { label: '1', moments: patients(tens(first)) },
      { label: '2', moments: patients(tens(second)) },
    ];
    const got = tTest(hours, groups, 0.95, dists);
    expect(got.value).toBeCloseTo(-1.58, 10);
    expect(got.t).toBeCloseTo(-1.8608, 4);
    expect(got.df).toBeCloseTo(17.776, 3);
    expect(got.p).toBeCloseTo(0.07939, 5);
    expect(got.interval![0]).toBeCloseTo(-3.3654832, 6);
    expect(got.interval![1]).toBeCloseTo(0.2054832, 6);
  });

  it('one-way ANOVA of the same two is F = 3.4626 on 1 and 18, p = 0.07919 (pooled t squared)', () => {
    const groups = [first, second].map((values, i) => ({
      label: String(i),
      moments: patients(tens(values), 7n),
    }));
    const got = anova(hours, groups, dists);
    expect(got.f).toBeCloseTo(3.4626, 4);
    expect(got.df).toEqual([1, 18]);
    expect(got.p).toBeCloseTo(0.07919, 5);
  });

  it("Anscombe's quartet I: slope 0.5001 ± 0.1179, t = 4.241, p = 0.00217, F = 17.99 (R, lm)", () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const vitals = named('body-temperature', 'skin-temperature').map((v) => ({ ...v, min: 0 }));
    const rows = x.map((v, i) => [Math.round(y[i]! * 1000), v * 1000]);
    const got = inferRegression(vitals, patients(rows), 0.95, dists);
    const slope = got.terms!['skin-temperature']!;
    expect(slope.standardError).toBeCloseTo(0.1179, 4);
    expect(slope.t).toBeCloseTo(4.241, 3);
    expect(slope.p).toBeCloseTo(0.00217, 5);
    expect(got.terms!['intercept']!.standardError).toBeCloseTo(1.1247, 4);
    expect(got.terms!['intercept']!.p).toBeCloseTo(0.02573, 5);
    expect(got.f).toBeCloseTo(17.99, 2);
    const r = inferCorrelation(vitals, patients(rows), 0.95, dists);
    expect(r.t).toBeCloseTo(4.2415, 4);
    expect(r.interval![0]).toBeCloseTo(0.4243912, 6);
    expect(r.interval![1]).toBeCloseTo(0.9506933, 6);
  });

  it('weights of equal size change nothing', () => {
    const [one, many] = [patients(tens(first)), patients(tens(first), 1_234_567n)];
    expect(inferMean(hours, many, 0.95, 0, dists)).toEqual(inferMean(hours, one, 0.95, 0, dists));
  });
});

describe('a sentence, never NaN', () => {
  it('one patient, or patients who are all alike', () => {
    const one = refusal(() => inferMean(heart, patients([[700]]), 0.95, 0, dists));
    expect([one.code, one.message]).toEqual([
      'too-few-patients',
      'An interval of a mean needs at least 2 patients with such rows; there is 1.',
    ]);
    const alike = refusal(() => inferMean(heart, patients([[700], [700]]), 0.95, 0, dists));
    expect([alike.code, alike.message]).toEqual([
      'constant',
      'heart-rate has one and the same mean for every patient, so there is no spread to judge it by.',
    ]);
    const variance = refusal(() => computeStatistic('variance', [heart], patients([[700]])));
    expect(variance.message).toBe('variance needs at least 2 patients with such rows; there is 1.');
  });

  it('a perfect fit, of a line or of a correlation', () => {
    const rows = [1, 2, 3, 5, 8].map((i) => [700 + 4 * i, 900 + 2 * i]);
    for (const infer of [inferRegression, inferCorrelation]) {
      const error = refusal(() => infer([heart, spo2], patients(rows), 0.95, dists));
      expect(error.code).toBe('perfect-fit');
      expect(error.message).toMatch(/heart-rate follows exactly from spo2.*--unit row/);
    }
  });

  it('as many terms as patients, collinear terms, a constant column', () => {
    const few = [
      [700, 900, 120],
      [710, 930, 150],
      [760, 910, 130],
    ];
    const error = refusal(() => inferRegression([heart, spo2, resp], patients(few), 0.95, dists));
    expect(error.message).toBe(
      'A test of a regression needs at least 4 patients with such rows; there are 3.',
    );
    const rows = [700, 720, 690, 800, 777].map((y, i) => [y, 900 + i, 120 + 2 * i]);
    const collinear = refusal(() =>
      inferRegression([heart, spo2, resp], patients(rows), 0.95, dists),
    );
    expect(collinear.code).toBe('collinear');
    expect(collinear.message).toMatch(/^On these patients respiratory-rate/);
    const flat = rows.map(([y, x]) => [y!, x!, 120]);
    const constant = refusal(() =>
      inferRegression([heart, spo2, resp], patients(flat), 0.95, dists),
    );
    expect(constant.message).toMatch(
      /respiratory-rate has one and the same mean for every patient/,
    );
    const three = refusal(() =>
      inferCorrelation([heart, spo2], patients(few.map((r) => r.slice(0, 2))), 0.95, dists),
    );
    expect(three.message).toMatch(/needs at least 4 patients/);
  });

  it('weights so uneven that four patients count as fewer than three', () => {
    const moments = patients([700, 710, 690, 760].map((y, i) => [y, 900 + i * i]));
    const weights = { patients: 4, sum: 1000n, squares: 400_000n };
    const scaled = {
      ...moments,
      sums: moments.sums.map((s) => s * 250n),
      products: moments.products.map((p) => p * 250n),
      weights,
    };
    const error = refusal(() => inferCorrelation([heart, spo2], scaled, 0.95, dists));
    expect(error.message).toMatch(/count as 2\.50 patients; .* needs more than 3/);
  });

  it('groups of one patient, and groups without any spread', () => {
    const group = (label: string, values: number[]) => ({ label, moments: patients(tens(values)) });
    const one = refusal(() => tTest(heart, [group('a', [70]), group('b', [70, 80])], 0.95, dists));
    expect(one.message).toBe('The group a needs at least 2 patients with such rows; there is 1.');
    const still = [group('a', [70, 70]), group('b', [80, 80])];
    for (const compare of [
      () => tTest(heart, still, 0.95, dists),
      () => anova(heart, still, dists),
    ]) {
      expect(refusal(compare).message).toMatch(
        /heart-rate in each of the (two )?groups has one and the same mean/,
      );
    }
    const half = tTest(heart, [group('a', [70, 70]), group('b', [80, 90])], 0.95, dists);
    expect([half.value, half.df]).toEqual([-15, 1]);
  });
});
