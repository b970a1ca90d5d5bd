/**
 * Statistics from textbook formulas in plain doubles, for tests to hold the reader against. Nothing of
 * the reader is used: means and sums of squares in two passes, least squares by Householder, tails by
 * tanh-sinh quadrature of the densities, quantiles by bisection.
 */

/** Rows where every column has a reading; the first column is explained by the others. */
export type Rows = readonly (readonly number[])[];

export interface Weighted {
  readonly rows: Rows;
  readonly weights: readonly number[];
}

export const evenly = (rows: Rows): Weighted => ({ rows, weights: rows.map(() => 1) });

const total = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0);
const column = (rows: Rows, i: number): number[] => rows.map((row) => row[i]!);

export function mean({ rows, weights }: Weighted, i = 0): number {
  return total(rows.map((row, r) => weights[r]! * row[i]!)) / total(weights);
}

/** Kish: (Σw)²/Σw². */
export const effective = ({ weights }: Weighted): number =>
  total(weights) ** 2 / total(weights.map((w) => w * w));

/** Unbiased for reliability weights: Σw(x−x̄)(y−ȳ) / (W − Σw²/W); for weights of 1 the usual n − 1. */
export function covariance(data: Weighted, i = 0, j = i): number {
  const { rows, weights } = data;
  const [mi, mj] = [mean(data, i), mean(data, j)];
  const sum = total(rows.map((row, r) => weights[r]! * (row[i]! - mi) * (row[j]! - mj)));
  const whole = total(weights);
  return sum / (whole - total(weights.map((w) => w * w)) / whole);
}

export const correlation = (data: Weighted): number =>
  covariance(data, 0, 1) / Math.sqrt(covariance(data, 0) * covariance(data, 1));

/** s²·Σw²/W². */
export const standardError = (data: Weighted): number =>
  Math.sqrt(covariance(data) / effective(data));

/** Coefficients (intercept first), residual sum over W, (X′WX/W)⁻¹ and R². */
export function leastSquares({ rows, weights }: Weighted): {
  readonly b: readonly number[];
  readonly unexplained: number;
  readonly inverse: readonly (readonly number[])[];
  readonly rSquared: number;
} {
  const whole = total(weights);
  const root = weights.map((w) => Math.sqrt(w / whole));
  const a = rows.map((row, r) => [1, ...row.slice(1)].map((x) => x * root[r]!));
  const c = column(rows, 0).map((y, r) => y * root[r]!);
  const k = a[0]!.length;
  for (let j = 0; j < k; j++) {
    const norm = Math.sqrt(total(a.slice(j).map((row) => row[j]! ** 2)));
    const alpha = a[j]![j]! > 0 ? -norm : norm;
    const v = a.map((row, i) => (i < j ? 0 : i === j ? row[j]! - alpha : row[j]!));
    const vv = total(v.map((x) => x * x));
    for (let col = j; col < k; col++) {
      const dot = total(v.map((x, i) => x * a[i]![col]!));
      for (let i = j; i < a.length; i++) a[i]![col]! -= (2 * dot * v[i]!) / vv;
    }
    const dot = total(v.map((x, i) => x * c[i]!));
    for (let i = j; i < a.length; i++) c[i]! -= (2 * dot * v[i]!) / vv;
  }
  /** R x = right. */
  const back = (right: readonly number[]): number[] => {
    const x = new Array<number>(k).fill(0);
    for (let j = k - 1; j >= 0; j--) {
      const known = total(x.map((each, i) => (i > j ? a[j]![i]! * each : 0)));
      x[j] = (right[j]! - known) / a[j]![j]!;
    }
    return x;
  };
  const b = back(c);
  // (X′X)⁻¹ = R⁻¹R⁻ᵀ: the columns of R⁻¹, multiplied.
  const columns = b.map((_, j) => back(b.map((__, i) => (i === j ? 1 : 0))));
  const inverse = b.map((_, i) => b.map((__, j) => total(columns.map((col) => col[i]! * col[j]!))));
  const fit = (row: readonly number[]): number =>
    b[0]! + total(row.slice(1).map((x, i) => b[i + 1]! * x));
  const unexplained = total(
    rows.map((row, r) => (weights[r]! / whole) * (row[0]! - fit(row)) ** 2),
  );
  const my = mean({ rows, weights });
  const all = total(rows.map((row, r) => (weights[r]! / whole) * (row[0]! - my) ** 2));
  return { b, unexplained, inverse, rSquared: 1 - unexplained / all };
}

/** P(F > f) = ∫₀^φ sin^(b−1) cos^(a−1) / the same to π/2, with tan²φ = b/(a·f). */
export function fTail(f: number, a: number, b: number): number {
  const density = (phi: number): number => Math.sin(phi) ** (b - 1) * Math.cos(phi) ** (a - 1);
  const end = Math.atan(Math.sqrt(b / (a * f)));
  const upper = quadrature(density, 0, end);
  return upper / (upper + quadrature(density, end, Math.PI / 2));
}

/** P(|T| > |t|): t² is F with 1 and ν. */
export const tTails = (t: number, degrees: number): number => fTail(t * t, 1, degrees);

export function tWithin(confidence: number, degrees: number): number {
  const key = `${confidence} ${degrees}`;
  const known = quantiles.get(key);
  if (known !== undefined) return known;
  let [low, high] = [0, 1];
  while (tTails(high, degrees) > 1 - confidence) high *= 2;
  for (let i = 0; i < 46; i++) {
    const middle = (low + high) / 2;
    if (tTails(middle, degrees) > 1 - confidence) low = middle;
    else high = middle;
  }
  quantiles.set(key, (low + high) / 2);
  return (low + high) / 2;
}

/** The same data is asked about in six worlds. */
const quantiles = new Map<string, number>();

/** Tanh-sinh: Takahasi and Mori, Publ. RIMS 9 (1974). The ends may be singular. */
function quadrature(f: (x: number) => number, from: number, to: number): number {
  const half = (to - from) / 2;
  const step = 1 / 32;
  let sum = 0;
  for (let k = -32 * 4; k <= 32 * 4; k++) {
    const s = k * step;
    const u = (Math.PI / 2) * Math.sinh(s);
    // Distance to the nearer end, without cancellation.
    const gap = 1 / (Math.exp(Math.abs(u)) * Math.cosh(u));
    const x = s < 0 ? from + half * gap : to - half * gap;
    const weight = ((Math.PI / 2) * Math.cosh(s)) / Math.cosh(u) ** 2;
    if (weight > 0 && gap > 0) sum += weight * f(x);
  }
  return sum * half * step;
}
