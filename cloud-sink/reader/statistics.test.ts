import { findVital, type Vital } from '@vitalshare/edge/vital';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeStatistic, type Moments, productIndex, StatisticError } from './statistics.ts';
import type { Statistic } from './statistic-table.ts';
import type { Regression, StatisticErrorCode } from './statistics.ts';

const named = (...names: string[]): Vital[] => names.map((name) => findVital(name)!);

/** Exact moments of fixed-point rows, as the servers would open to. */
function momentsOf(rows: readonly (readonly number[])[], k: number): Moments {
  const sums = Array.from({ length: k }, () => 0n);
  const products = Array.from({ length: (k * (k + 1)) / 2 }, () => 0n);
  for (const row of rows) {
    for (let a = 0; a < k; a++) {
      sums[a]! += BigInt(row[a]!);
      for (let b = a; b < k; b++) {
        products[productIndex(a, b, k)]! += BigInt(row[a]!) * BigInt(row[b]!);
      }
    }
  }
  return { count: rows.length, sums, products };
}

const columnsOf = (vitals: readonly Vital[], rows: readonly (readonly number[])[]): number[][] =>
  vitals.map((vital, i) => rows.map((row) => row[i]! / vital.scale));

// The independent computation: two passes over plain readings, in doubles.
const meanOf = (x: readonly number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length;
function covarianceOf(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [meanOf(x), meanOf(y)];
  return x.reduce((sum, v, i) => sum + (v - mx) * (y[i]! - my), 0) / (x.length - 1);
}
const correlationOf = (x: readonly number[], y: readonly number[]): number =>
  covarianceOf(x, y) / Math.sqrt(covarianceOf(x, x) * covarianceOf(y, y));

/** Householder QR of the centred design matrix: no normal equations, so no squared condition. */
function regressionOf(y: readonly number[], xs: readonly (readonly number[])[]): Regression {
  const [rows, k] = [y.length, xs.length];
  const means = xs.map(meanOf);
  const my = meanOf(y);
  const a = y.map((_, i) => xs.map((x, j) => x[i]! - means[j]!));
  const c = y.map((v) => v - my);
  for (let j = 0; j < k; j++) {
    const norm = Math.sqrt(a.slice(j).reduce((sum, row) => sum + row[j]! ** 2, 0));
    const alpha = a[j]![j]! > 0 ? -norm : norm;
    const v = a.map((row, i) => (i < j ? 0 : i === j ? row[j]! - alpha : row[j]!));
    const vv = v.reduce((sum, each) => sum + each * each, 0);
    for (let col = j; col < k; col++) {
      const dot = v.reduce((sum, each, i) => sum + each * a[i]![col]!, 0);
      for (let i = j; i < rows; i++) a[i]![col]! -= (2 * dot * v[i]!) / vv;
    }
    const dot = v.reduce((sum, each, i) => sum + each * c[i]!, 0);
    for (let i = j; i < rows; i++) c[i]! -= (2 * dot * v[i]!) / vv;
  }
  const b = new Array<number>(k).fill(0);
  for (let j = k - 1; j >= 0; j--) {
    const known = b.reduce((sum, each, i) => (i > j ? sum + a[j]![i]! * each : sum), 0);
    b[j] = (c[j]! - known) / a[j]![j]!;
  }
  const residuals = y.map(
    (v, i) => v - my - b.reduce((sum, each, j) => sum + each * (xs[j]![i]! - means[j]!), 0),
  );
  const unexplained = residuals.reduce((sum, each) => sum + each * each, 0);
  return {
    intercept: my - b.reduce((sum, each, j) => sum + each * means[j]!, 0),
    coefficients: Object.fromEntries(b.map((each, j) => [String(j), each])),
    rSquared: 1 - unexplained / (covarianceOf(y, y) * (rows - 1)),
  };
}

/** Relative to `size`: the magnitude the plain computation's own rounding is relative to. */
const near = (got: number, expected: number, size = Math.abs(expected)): void =>
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-9 * Math.max(size, 1e-300));

const number = (statistic: Statistic, vitals: readonly Vital[], moments: Moments): number => {
  const value = computeStatistic(statistic, vitals, moments);
  if (typeof value !== 'number') throw new TypeError('expected a number');
  return value;
};

function refusal(compute: () => unknown): { code: StatisticErrorCode; message: string } {
  try {
    compute();
  } catch (error) {
    if (error instanceof StatisticError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected a StatisticError, got a value');
}

const [heart, spo2, resp] = named('heart-rate', 'spo2', 'respiratory-rate') as [
  Vital,
  Vital,
  Vital,
];
const threeColumns = fc.array(
  fc.tuple(
    fc.integer({ min: 300, max: 2200 }),
    fc.integer({ min: 700, max: 1000 }),
    fc.integer({ min: 60, max: 600 }),
  ),
  { minLength: 6, maxLength: 200 },
);

describe('statistics against a plain two-pass computation, 1e-9 relative', () => {
  it('mean, variance, sd, covariance', () => {
    fc.assert(
      fc.property(threeColumns, (rows) => {
        const [x, y] = columnsOf([heart, spo2], rows) as [number[], number[]];
        const one = momentsOf(rows, 1);
        const two = momentsOf(rows, 2);
        near(number('mean', [heart], one), meanOf(x));
        const variance = covarianceOf(x, x);
        near(number('variance', [heart], one), variance, Math.max(variance, 1e-12));
        near(number('sd', [heart], one), Math.sqrt(variance), Math.max(Math.sqrt(variance), 1e-6));
        const size = Math.sqrt(variance * covarianceOf(y, y));
        near(number('covariance', [heart, spo2], two), covarianceOf(x, y), Math.max(size, 1e-12));
      }),
    );
  });

  it('correlation, and it never leaves [−1, 1]', () => {
    fc.assert(
      fc.property(threeColumns, (rows) => {
        const [x, y] = columnsOf([heart, spo2], rows) as [number[], number[]];
        fc.pre(covarianceOf(x, x) > 1e-6 && covarianceOf(y, y) > 1e-6);
        const r = number('correlation', [heart, spo2], momentsOf(rows, 2));
        expect(Math.abs(r)).toBeLessThanOrEqual(1);
        near(r, correlationOf(x, y), 1);
      }),
    );
  });

  it('regression on two regressors against Householder QR', () => {
    fc.assert(
      fc.property(threeColumns, (rows) => {
        const vitals = [heart, spo2, resp];
        const [y, ...xs] = columnsOf(vitals, rows) as [number[], ...number[][]];
        const r = correlationOf(xs[0]!, xs[1]!);
        fc.pre(Math.abs(r) < 0.999 && covarianceOf(y, y) > 1e-3);
        const got = computeStatistic('regression', vitals, momentsOf(rows, 3)) as Regression;
        const expected = regressionOf(y, xs);
        // The standard error's size: what a coefficient can be, given how alike the regressors are.
        const sizes = xs.map(
          (x) => Math.sqrt(covarianceOf(y, y) / covarianceOf(x, x)) / (1 - r * r),
        );
        near(got.coefficients['spo2']!, expected.coefficients['0']!, sizes[0]);
        near(got.coefficients['respiratory-rate']!, expected.coefficients['1']!, sizes[1]);
        near(got.rSquared, expected.rSquared, 1);
        const level = sizes.reduce((sum, size, i) => sum + size * meanOf(xs[i]!), meanOf(y));
        near(got.intercept, expected.intercept, level);
      }),
    );
  });
});

describe('ill-conditioned data, where doubles alone would fail', () => {
  it('a variance of 0.001² around 37 °C over two million rows', () => {
    const temperature = named('body-temperature');
    const half = 1_000_000n;
    // 36.999 and 37.001, half each: Σ(x−37)² = 2·10⁶·10⁻⁶.
    const sums = [half * 36_999n + half * 37_001n];
    const products = [half * 36_999n ** 2n + half * 37_001n ** 2n];
    const moments = { count: 2_000_000, sums, products };
    near(number('variance', temperature, moments), 2 / 1_999_999);
    near(number('mean', temperature, moments), 37);
  });

  it('regressors that differ in one step of one row in a thousand', () => {
    const vitals = named('heart-rate', 'systolic-pressure', 'diastolic-pressure');
    const rows = Array.from({ length: 1000 }, (_, i) => {
      const x = 900 + (i % 100);
      const z = x + (i === 500 ? 1 : 0);
      return [3 * x - 2 * z, x, z]; // Exactly 3x − 2z, and correlation of x and z above 1 − 1e-6.
    });
    const moments = momentsOf(rows, 3);
    expect(computeStatistic('regression', vitals, moments)).toEqual({
      intercept: 0,
      coefficients: { 'systolic-pressure': 3, 'diastolic-pressure': -2 },
      rSquared: 1,
    });
  });

  it('different scales: temperature in thousandths explains a pulse in tenths', () => {
    const vitals = named('heart-rate', 'body-temperature');
    // 60.0/min at 36 °C, 8.5/min more a degree.
    const rows = [36_000, 37_000, 38_000, 40_000].map((t) => [600 + (t - 36_000) * 0.085, t]);
    const got = computeStatistic('regression', vitals, momentsOf(rows, 2)) as Regression;
    near(got.coefficients['body-temperature']!, 8.5);
    near(got.intercept, 60 - 36 * 8.5);
    expect(got.rSquared).toBe(1);
  });
});

describe('published data', () => {
  it("Anscombe's quartet I: mean 9 and 7.501, r 0.816, y = 3.000 + 0.500 x (Am. Stat. 27, 1973)", () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const vitals = named('body-temperature', 'skin-temperature').map((vital) => ({
      ...vital,
      min: 0,
    }));
    const moments = momentsOf(
      x.map((v, i) => [Math.round(y[i]! * 1000), v * 1000]),
      2,
    );
    expect(
      number(
        'mean',
        vitals.slice(0, 1),
        momentsOf(
          y.map((v) => [Math.round(v * 1000)]),
          1,
        ),
      ),
    ).toBeCloseTo(7.500909, 6);
    const got = computeStatistic('regression', vitals, moments) as Regression;
    expect(got.intercept).toBeCloseTo(3.0000909, 6);
    expect(got.coefficients['skin-temperature']).toBeCloseTo(0.5000909, 6);
    expect(got.rSquared).toBeCloseTo(0.6665425, 6);
    expect(number('correlation', vitals, moments)).toBeCloseTo(0.8164205, 6);
    expect(
      number(
        'variance',
        vitals.slice(0, 1),
        momentsOf(
          y.map((v) => [Math.round(v * 1000)]),
          1,
        ),
      ),
    ).toBeCloseTo(4.1272691, 6);
  });
});

describe('what is not defined is a sentence, never NaN', () => {
  const none = { count: 0, sums: [0n, 0n], products: [0n, 0n, 0n] };

  it('too few rows', () => {
    expect(refusal(() => computeStatistic('mean', [heart], momentsOf([], 1))).code).toBe(
      'too-few-rows',
    );
    expect(refusal(() => computeStatistic('variance', [heart], momentsOf([[700]], 1)))).toEqual({
      code: 'too-few-rows',
      message:
        'variance needs at least 2 rows where every vital sign asked for is present; there is 1.',
    });
    expect(refusal(() => computeStatistic('correlation', [heart, spo2], none)).code).toBe(
      'too-few-rows',
    );
    const two = momentsOf(
      [
        [700, 950, 120],
        [710, 960, 130],
      ],
      3,
    );
    expect(refusal(() => computeStatistic('regression', [heart, spo2, resp], two)).message).toMatch(
      /needs at least 3 rows/,
    );
    expect(computeStatistic('count', [heart], momentsOf([], 1))).toBe(0);
  });

  it('a constant column has variance 0 and no correlation', () => {
    const moments = momentsOf(
      [
        [700, 980],
        [700, 960],
        [700, 970],
      ],
      2,
    );
    expect(computeStatistic('variance', [heart], momentsOf([[700], [700]], 1))).toBe(0);
    expect(refusal(() => computeStatistic('correlation', [heart, spo2], moments))).toEqual({
      code: 'constant',
      message:
        'heart-rate has one and the same value in every row, so nothing can be said about how ' +
        'vital signs vary together.',
    });
    expect(refusal(() => computeStatistic('regression', [heart, spo2], moments)).code).toBe(
      'constant',
    );
  });

  it('collinear regressors are named', () => {
    const moments = momentsOf(
      [700, 720, 690, 800].map((y, i) => [y, 900 + i, 120 + 2 * i]),
      3,
    );
    const { code, message } = refusal(() =>
      computeStatistic('regression', [heart, spo2, resp], moments),
    );
    expect(code).toBe('collinear');
    expect(message).toMatch(/respiratory-rate is an exact linear combination of spo2/);
  });

  it('what no readings can have shows the lie of a server that could not be checked', () => {
    const negative = { count: 3, sums: [2100n], products: [700n * 700n * 3n - 1n] };
    expect(refusal(() => computeStatistic('variance', [heart], negative)).code).toBe('impossible');
    const beyond = { count: 3, sums: [3n * 3501n], products: [] };
    expect(refusal(() => computeStatistic('mean', [heart], beyond)).code).toBe('impossible');
    const below = { count: 3, sums: [-1n], products: [] };
    expect(refusal(() => computeStatistic('mean', [heart], below)).code).toBe('impossible');
    const steep = { count: 2, sums: [1400n, 1900n], products: [980002n, 1330900n, 1805002n] };
    expect(refusal(() => computeStatistic('correlation', [heart, spo2], steep)).code).toBe(
      'impossible',
    );
  });
});
