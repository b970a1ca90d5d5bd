/**
 * Statistics from moments: ordinary arithmetic on opened sums, exact up to one last rounding.
 *
 *   moments   N,  S_a = Σ x_a,  P_ab = Σ x_a·x_b  (a ≤ b)      over fixed-point integers
 *   centred   C_ab = N·P_ab − S_a·S_b                           in BigInt [S21]
 *   mean      S_a / N                    variance    C_aa / (N (N−1))       (of a sample)
 *   covariance C_ab / (N (N−1))          correlation C_ab / √(C_aa C_bb)
 *   regression C b = c by exact elimination; intercept (S_y − Σ b_i S_i) / N; R² = Σ b_i c_i / C_yy
 *
 * Scales of vital signs are undone inside the ratios, before the one rounding. What cannot be
 * computed (a constant column, collinear regressors, too few rows) is an error in a sentence, never
 * NaN; so is what no data can have (a negative variance), which shows a lie nobody could check.
 */
import type { Vital } from '@vitalshare/edge/vital';
import { ratioToNumber, rootOfRatio, solveGram } from './rational.ts';

export const STATISTICS = [
  'count',
  'mean',
  'variance',
  'sd',
  'covariance',
  'correlation',
  'regression',
] as const;
export type Statistic = (typeof STATISTICS)[number];

export const STATISTIC_ERRORS = {
  'too-few-rows': 'the statistic is not defined for so few rows',
  'too-few-patients': 'a test between groups needs more patients in each',
  dependent: 'a patient stands in more than one group',
  constant: 'a column has one value throughout, so it neither explains nor is explained',
  collinear: 'a regressor is a linear combination of the ones before it',
  impossible: 'no readings can have these moments: some server lied, undetected until here',
} as const;
export type StatisticErrorCode = keyof typeof STATISTIC_ERRORS;

export class StatisticError extends Error {
  override readonly name = 'StatisticError';
  readonly code: StatisticErrorCode;
  constructor(code: StatisticErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Moments {
  readonly count: number;
  /** One a vital sign, or empty where only the count was asked. */
  readonly sums: readonly bigint[];
  /** Pairs a ≤ b in the order (1,1), (1,2) … (1,k), (2,2) …, or empty. */
  readonly products: readonly bigint[];
}

export interface Regression {
  readonly intercept: number;
  readonly coefficients: Readonly<Record<string, number>>;
  readonly rSquared: number;
}

/** Place of the product of columns `a ≤ b` (from 0) among those of `k` columns. */
export const productIndex = (a: number, b: number, k: number): number =>
  a * k - (a * (a - 1)) / 2 + (b - a);

/** The highest degree of moments the statistic needs: 0 the count, 1 sums, 2 products. */
export function momentsDegree(statistic: Statistic): 0 | 1 | 2 {
  if (statistic === 'count') return 0;
  return statistic === 'mean' ? 1 : 2;
}

/**
 * For `regression` the first vital sign is explained by the others. Throws StatisticError where
 * the statistic is not defined on these rows, RangeError where moments are missing.
 */
export function computeStatistic(
  statistic: Statistic,
  vitals: readonly Vital[],
  moments: Moments,
): number | Regression {
  if (statistic === 'count') return moments.count;
  const rowsMin = statistic === 'mean' ? 1 : statistic === 'regression' ? vitals.length : 2;
  needRows(statistic, moments.count, Math.max(rowsMin, statistic === 'mean' ? 1 : 2));
  checkSums(vitals, moments);
  const [first, second] = vitals;
  if (first === undefined) throw new RangeError(`${statistic}: expected a vital sign, got none`);
  const rows = BigInt(moments.count);
  if (statistic === 'mean') {
    return ratioToNumber(moments.sums[0]!, rows * BigInt(first.scale));
  }
  const centred = centredMoments(vitals, moments);
  if (statistic === 'regression') return regression(vitals, moments, centred);
  const pairs = rows * (rows - 1n);
  const scaleA = BigInt(first.scale);
  if (statistic === 'variance' || statistic === 'sd') {
    const squaredUnits = pairs * scaleA * scaleA;
    return (statistic === 'sd' ? rootOfRatio : ratioToNumber)(centred[0]![0]!, squaredUnits);
  }
  if (second === undefined) throw new RangeError(`${statistic}: expected two vital signs, got one`);
  const product = centred[0]![1]!;
  if (statistic === 'covariance') {
    return ratioToNumber(product, pairs * scaleA * BigInt(second.scale));
  }
  needVariation([first, second], centred);
  const root = rootOfRatio(product * product, centred[0]![0]! * centred[1]![1]!);
  return product < 0n ? -root : root;
}

function regression(
  vitals: readonly Vital[],
  moments: Moments,
  centred: readonly (readonly bigint[])[],
): Regression {
  const [explained, ...regressors] = vitals;
  if (explained === undefined || regressors.length === 0) {
    throw new RangeError('regression: expected a vital sign and what explains it');
  }
  needVariation(vitals, centred);
  const matrix = centred.slice(1).map((row) => row.slice(1));
  const right = centred.slice(1).map((row) => row[0]!);
  const solved = solveGram(matrix, right);
  if ('badPivot' in solved) {
    const name = regressors[solved.badPivot]!.name;
    if (solved.negative) throw impossible(`the moments of ${name}`);
    const before = regressors.slice(0, solved.badPivot).map((vital) => vital.name);
    throw new StatisticError(
      'collinear',
      `On these rows ${name} is an exact linear combination of ${before.join(', ')}, so their ` +
        'coefficients cannot be told apart: leave one of them out.',
    );
  }
  const { solution, determinant } = solved;
  const scaleY = BigInt(explained.scale);
  const coefficients = regressors.map((vital, i): [string, number] => [
    vital.name,
    ratioToNumber(solution[i]! * BigInt(vital.scale), determinant * scaleY),
  ]);
  const explainedSum = solution.reduce((sum, b, i) => sum + b * moments.sums[i + 1]!, 0n);
  const explainedSquares = solution.reduce((sum, b, i) => sum + b * right[i]!, 0n);
  const squares = determinant * centred[0]![0]!;
  if (explainedSquares > squares) throw impossible(`the moments of ${explained.name}`);
  return {
    intercept: ratioToNumber(
      moments.sums[0]! * determinant - explainedSum,
      BigInt(moments.count) * determinant * scaleY,
    ),
    coefficients: Object.fromEntries(coefficients),
    rSquared: ratioToNumber(explainedSquares, squares),
  };
}

/** `C_ab = N·P_ab − S_a·S_b`, symmetric. Throws where no data can have these [Cauchy-Schwarz]. */
function centredMoments(vitals: readonly Vital[], moments: Moments): bigint[][] {
  const k = vitals.length;
  const { sums, products } = moments;
  if (products.length !== (k * (k + 1)) / 2) {
    throw new RangeError(`moments: expected ${(k * (k + 1)) / 2} products, got ${products.length}`);
  }
  const rows = BigInt(moments.count);
  const centred = vitals.map((_, a) =>
    vitals.map((__, b) => {
      const product = products[productIndex(Math.min(a, b), Math.max(a, b), k)]!;
      return rows * product - sums[a]! * sums[b]!;
    }),
  );
  for (let a = 0; a < k; a++) {
    if (centred[a]![a]! < 0n) throw impossible(`a variance of ${vitals[a]!.name}`);
    for (let b = 0; b < a; b++) {
      const product = centred[a]![b]!;
      if (product * product > centred[a]![a]! * centred[b]![b]!) {
        throw impossible(`a covariance of ${vitals[b]!.name} and ${vitals[a]!.name}`);
      }
    }
  }
  return centred;
}

/** Every sum must lie where that many plausible readings can. */
function checkSums(vitals: readonly Vital[], moments: Moments): void {
  if (moments.sums.length !== vitals.length) {
    throw new RangeError(`moments: expected ${vitals.length} sums, got ${moments.sums.length}`);
  }
  const rows = BigInt(moments.count);
  vitals.forEach((vital, i) => {
    const sum = moments.sums[i]!;
    const least = rows * BigInt(Math.ceil(vital.min * vital.scale));
    const most = rows * BigInt(Math.floor(vital.max * vital.scale));
    if (sum < least || sum > most) throw impossible(`a sum of ${vital.name}`);
  });
}

function needRows(statistic: Statistic, rows: number, rowsMin: number): void {
  if (rows >= rowsMin) return;
  const got = rows === 0 ? 'there are none' : rows === 1 ? 'there is 1' : `there are ${rows}`;
  throw new StatisticError(
    'too-few-rows',
    `${statistic} needs at least ${rowsMin} row${rowsMin === 1 ? '' : 's'} ` +
      `where every vital sign asked for is present; ${got}.`,
  );
}

function needVariation(vitals: readonly Vital[], centred: readonly (readonly bigint[])[]): void {
  const constant = vitals.filter((_, i) => centred[i]![i] === 0n).map((vital) => vital.name);
  if (constant.length === 0) return;
  throw new StatisticError(
    'constant',
    `${constant.join(' and ')} ${constant.length === 1 ? 'has' : 'have'} one and the same value ` +
      'in every row, so nothing can be said about how vital signs vary together.',
  );
}

const impossible = (what: string): StatisticError =>
  new StatisticError(
    'impossible',
    `The servers' answers open to ${what} that no plausible readings can have: ` +
      'at least one server answered wrongly. No number is given.',
  );
