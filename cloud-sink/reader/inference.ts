/**
 * Standard errors, intervals, t and p over patients' means: ordinary formulas, with Kish's effective
 * number n = W²/Σw² in place of the number of patients (W = Σw; equal weights give n = N).
 *
 *   mean         SE² = V/(n − 1),  V = C_aa/W²                         df = n − 1
 *   correlation  t = r √(df/(1 − r²)), df = n − 2;   interval tanh(artanh r ± z/√(n − 3))   (Fisher)
 *   regression   V(b) = RSS·C⁻¹/df, df = n − k − 1;  F = (R²/k)/((1 − R²)/df)
 *
 * `C` are the centred moments of `statistics.ts`; each number is a ratio of integers until one last
 * rounding. n − 1 is at most N − 1, so uneven weights widen an interval, never narrow it. Kish,
 * "Survey Sampling" (1965), 11.7; for 0/1-like weights it equals Satterthwaite's degrees of freedom.
 */
import type { Vital } from '@vitalshare/edge/vital';
import type { Distributions } from './distributions.ts';
import { ratioToNumber, rootOfRatio, solveGram } from './rational.ts';
import {
  centredMoments,
  checkSums,
  computeStatistic,
  type Moments,
  needObservations,
  type Regression,
  StatisticError,
  weightSums,
} from './statistics.ts';

/** One number with what is known about it. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  readonly interval: readonly [number, number];
  readonly t: number;
  readonly p: number;
}

/** Members of a result over patients, besides its value. */
export interface Inference {
  readonly standardError?: number;
  readonly confidence?: number;
  readonly interval?: readonly [number, number];
  /** The mean that t and p are about. */
  readonly against?: number;
  readonly t?: number;
  readonly f?: number;
  /** Of t, or the pair of F. */
  readonly df?: number | readonly [number, number];
  readonly p?: number;
  /** A regression's, by name; `intercept` among them. */
  readonly terms?: Readonly<Record<string, Estimate>>;
}

/** n = W²/Σw²: as many patients of equal weight tell as much. */
export function effectiveNumber(moments: Moments): number {
  const { sum, squares } = weightSums(moments);
  return squares === 0n ? 0 : ratioToNumber(sum * sum, squares);
}

/** Throws StatisticError where the patients are too few or all alike. */
export function inferMean(
  vital: Vital,
  moments: Moments,
  confidence: number,
  against: number,
  dists: Distributions,
): Inference {
  needObservations('An interval of a mean', moments, 2);
  const { value, standardError, df } = meanOf(vital, moments);
  if (standardError === 0) throw allAlike([vital.name]);
  const { interval, t, p } = estimate(value, standardError, df, confidence, dists, against);
  return { standardError, confidence, interval, against, t, df, p };
}

/** A mean of patients' means, its standard error, and n − 1. */
export function meanOf(
  vital: Vital,
  moments: Moments,
): { readonly value: number; readonly standardError: number; readonly df: number } {
  checkSums([vital], moments);
  const centred = centredMoments([vital], moments)[0]![0]!;
  const { sum, squares } = weightSums(moments);
  const scale = BigInt(vital.scale);
  const pairs = sum * sum - squares;
  return {
    value: ratioToNumber(moments.sums[0]!, sum * scale),
    standardError: rootOfRatio(centred * squares, sum * sum * pairs * scale * scale),
    df: ratioToNumber(pairs, squares),
  };
}

export function inferCorrelation(
  vitals: readonly Vital[],
  moments: Moments,
  confidence: number,
  dists: Distributions,
): Inference {
  needObservations('An interval of a correlation', moments, 4);
  const r = computeStatistic('correlation', vitals, moments) as number;
  const centred = centredMoments(vitals, moments);
  const product = centred[0]![1]!;
  const squares = centred[0]![0]! * centred[1]![1]!;
  const left = squares - product * product;
  if (left === 0n) throw perfect(vitals);
  const n = effectiveNumber(moments);
  if (n <= 3) throw tooUneven('a correlation', n, 3);
  const standardError = Math.sqrt(ratioToNumber(left, squares) / (n - 2));
  const t = r / standardError;
  const reach = dists.normalWithin(confidence) / Math.sqrt(n - 3);
  const z = Math.atanh(r);
  const interval = [Math.tanh(z - reach), Math.tanh(z + reach)] as const;
  return { standardError, confidence, interval, t, df: n - 2, p: dists.tTails(t, n - 2) };
}

/** The first vital sign is explained by the others. */
export function inferRegression(
  vitals: readonly Vital[],
  moments: Moments,
  confidence: number,
  dists: Distributions,
): Inference {
  const k = vitals.length - 1;
  needObservations('A test of a regression', moments, k + 2);
  const fitted = computeStatistic('regression', vitals, moments) as Regression;
  const { sum, squares } = weightSums(moments);
  const pairs = sum * sum - BigInt(k + 1) * squares;
  if (pairs <= 0n) throw tooUneven('this regression', effectiveNumber(moments), k + 1);
  const df = ratioToNumber(pairs, squares);
  const centred = centredMoments(vitals, moments);
  const matrix = centred.slice(1).map((row) => row.slice(1));
  const right = centred.slice(1).map((row) => row[0]!);
  const { solution, determinant } = solved(matrix, right);
  const explained = solution.reduce((total, b, i) => total + b * right[i]!, 0n);
  /** RSS·det, of the centred moments. */
  const left = determinant * centred[0]![0]! - explained;
  if (left === 0n) throw perfect(vitals);
  const scaleY = BigInt(vitals[0]!.scale);
  const below = determinant * determinant * pairs * scaleY * scaleY;
  const terms: Record<string, Estimate> = {};
  // The intercept's variance is RSS/W²·(1 + X′C⁻¹X)/df, with X = Σ w·m of the regressors.
  const sums = moments.sums.slice(1);
  const lever = solved(matrix, sums).solution.reduce((total, b, i) => total + b * sums[i]!, 0n);
  const interceptError = rootOfRatio(left * (determinant + lever) * squares, below * sum * sum);
  terms['intercept'] = estimate(fitted.intercept, interceptError, df, confidence, dists);
  vitals.slice(1).forEach((vital, i) => {
    const unit = sums.map((_, j) => (i === j ? 1n : 0n));
    const diagonal = solved(matrix, unit).solution[i]!;
    const scaleX = BigInt(vital.scale);
    const error = rootOfRatio(left * diagonal * squares * scaleX * scaleX, below);
    const value = fitted.coefficients[vital.name]!;
    terms[vital.name] = estimate(value, error, df, confidence, dists);
  });
  const f = ratioToNumber(explained * pairs, left * BigInt(k) * squares);
  return { confidence, terms, f, df: [k, df], p: dists.fTail(f, k, df) };
}

/** `value ± t·SE`, and how far `value` lies from `against`. `standardError` is positive. */
export function estimate(
  value: number,
  standardError: number,
  df: number,
  confidence: number,
  dists: Distributions,
  against = 0,
): Estimate {
  const reach = dists.tWithin(confidence, df) * standardError;
  const t = (value - against) / standardError;
  const interval = [value - reach, value + reach] as const;
  return { value, standardError, interval, t, p: dists.tTails(t, df) };
}

export const allAlike = (names: readonly string[]): StatisticError =>
  new StatisticError(
    'constant',
    `${names.join(' and ')} ${names.length === 1 ? 'has' : 'have'} one and the same mean for every ` +
      'patient, so there is no spread to judge it by.',
  );

function solved(matrix: readonly (readonly bigint[])[], right: readonly bigint[]) {
  const result = solveGram(matrix, right);
  if ('badPivot' in result) throw new RangeError('the matrix was solved before');
  return result;
}

const perfect = ([first, ...others]: readonly Vital[]): StatisticError =>
  new StatisticError(
    'perfect-fit',
    `Over these patients ${first!.name} follows exactly from ${others.map(({ name }) => name).join(', ')}: ` +
      'nothing is left unexplained, so there is no standard error and no p. --unit row describes the fit.',
  );

const tooUneven = (what: string, effective: number, least: number): StatisticError =>
  new StatisticError(
    'too-few-patients',
    `The patients' rows are so uneven that they count as ${effective.toFixed(2)} patients; an interval ` +
      `of ${what} needs more than ${least}.`,
  );
