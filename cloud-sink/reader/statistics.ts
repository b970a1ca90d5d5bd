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
 *
 * Over patients the moments are weighted: N becomes W = Σ w, and N (N−1) becomes W² − Σ w², which
 * keeps the variance unbiased (reliability weights). Over rows every weight is 1.
 */
import type { Vital } from '@vitalshare/edge/vital';
import type { Evidence } from './evidence.ts';
import { ratioToNumber, rootOfRatio, solveGram } from './rational.ts';
import type { Statistic } from './statistic-table.ts';

export const STATISTIC_ERRORS = {
  'too-few-rows': 'the statistic is not defined for so few rows',
  'too-few-patients': 'nor for so few patients',
  'too-few-groups': 'a comparison needs at least two groups',
  'too-many-groups': 'more groups than one question may have',
  'dependent-rows': 'a test or an interval over rows, which are not independent',
  dependent: 'a patient stands in more than one group of a comparison',
  'perfect-fit': 'nothing is left unexplained, so there is no error to estimate from',
  constant: 'a column has one value throughout, so it neither explains nor is explained',
  collinear: 'a regressor is a linear combination of the ones before it',
  impossible: 'no readings can have these moments: some server lied, undetected until here',
} as const;
export type StatisticErrorCode = keyof typeof STATISTIC_ERRORS;

export class StatisticError extends Error {
  override readonly name = 'StatisticError';
  readonly code: StatisticErrorCode;
  /** Against servers that were found out on the way, though no number came of it. */
  evidence: readonly Evidence[] = [];
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
  /** Set where sums and products are those of the patients' means, Σ w·m and Σ w·m·m′. */
  readonly weights?: PatientWeightSums;
}

export interface PatientWeightSums {
  readonly patients: number;
  /** Σ w and Σ w². */
  readonly sum: bigint;
  readonly squares: bigint;
}

/** Σ w and Σ w² of the observations: rows weigh 1. */
export const weightSums = ({ count, weights }: Moments): { sum: bigint; squares: bigint } =>
  weights ?? { sum: BigInt(count), squares: BigInt(count) };

export interface Regression {
  readonly intercept: number;
  readonly coefficients: Readonly<Record<string, number>>;
  readonly rSquared: number;
}

/** Place of the product of columns `a ≤ b` (from 0) among those of `k` columns. */
export const productIndex = (a: number, b: number, k: number): number =>
  a * k - (a * (a - 1)) / 2 + (b - a);

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
  needObservations(statistic, moments, observationsMin(statistic, vitals));
  checkSums(vitals, moments);
  const [first, second] = vitals;
  if (first === undefined) throw new RangeError(`${statistic}: expected a vital sign, got none`);
  const { sum, squares } = weightSums(moments);
  if (statistic === 'mean') {
    return ratioToNumber(moments.sums[0]!, sum * BigInt(first.scale));
  }
  const centred = centredMoments(vitals, moments);
  if (statistic === 'regression') return regression(vitals, moments, centred);
  const pairs = sum * sum - squares;
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
  needVariation(vitals, moments, centred);
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
  needVariation(vitals, moments, centred);
  const matrix = centred.slice(1).map((row) => row.slice(1));
  const right = centred.slice(1).map((row) => row[0]!);
  const solved = solveGram(matrix, right);
  if ('badPivot' in solved) {
    const name = regressors[solved.badPivot]!.name;
    if (solved.negative) throw impossible(`the moments of ${name}`);
    const before = regressors.slice(0, solved.badPivot).map((vital) => vital.name);
    throw new StatisticError(
      'collinear',
      `On these ${nounOf(moments)}s ${name} is an exact linear combination of ${before.join(', ')}, ` +
        'so their coefficients cannot be told apart: leave one of them out.',
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
      weightSums(moments).sum * determinant * scaleY,
    ),
    coefficients: Object.fromEntries(coefficients),
    rSquared: ratioToNumber(explainedSquares, squares),
  };
}

/** `C_ab = N·P_ab − S_a·S_b`, symmetric. Throws where no data can have these [Cauchy-Schwarz]. */
export function centredMoments(vitals: readonly Vital[], moments: Moments): bigint[][] {
  const k = vitals.length;
  const { sums, products } = moments;
  if (products.length !== (k * (k + 1)) / 2) {
    throw new RangeError(`moments: expected ${(k * (k + 1)) / 2} products, got ${products.length}`);
  }
  const rows = weightSums(moments).sum;
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
export function checkSums(vitals: readonly Vital[], moments: Moments): void {
  if (moments.sums.length !== vitals.length) {
    throw new RangeError(`moments: expected ${vitals.length} sums, got ${moments.sums.length}`);
  }
  const rows = weightSums(moments).sum;
  vitals.forEach((vital, i) => {
    const sum = moments.sums[i]!;
    const least = rows * BigInt(Math.ceil(vital.min * vital.scale));
    const most = rows * BigInt(Math.floor(vital.max * vital.scale));
    if (sum < least || sum > most) throw impossible(`a sum of ${vital.name}`);
  });
}

/** Throws StatisticError `too-few-rows` or `too-few-patients`. */
export function needObservations(what: string, moments: Moments, least: number): void {
  const { count, weights } = moments;
  const have = weights?.patients ?? count;
  if (have >= least) return;
  const noun = nounOf(moments);
  const got = have === 0 ? 'there are none' : have === 1 ? 'there is 1' : `there are ${have}`;
  throw new StatisticError(
    weights === undefined ? 'too-few-rows' : 'too-few-patients',
    `${what} needs at least ${least} ${noun}${least === 1 ? '' : 's'} ` +
      `${weights === undefined ? 'where every vital sign asked for is present' : 'with such rows'}; ${got}.`,
  );
}

const nounOf = ({ weights }: Moments): string => (weights === undefined ? 'row' : 'patient');

function observationsMin(statistic: Statistic, vitals: readonly Vital[]): number {
  if (statistic === 'mean') return 1;
  return statistic === 'regression' ? vitals.length : 2;
}

/** Throws StatisticError `constant`. */
function needVariation(
  vitals: readonly Vital[],
  moments: Moments,
  centred: readonly (readonly bigint[])[],
): void {
  const constant = vitals.filter((_, i) => centred[i]![i] === 0n).map((vital) => vital.name);
  if (constant.length === 0) return;
  const where = moments.weights === undefined ? 'value in every row' : 'mean for every patient';
  throw new StatisticError(
    'constant',
    `${constant.join(' and ')} ${constant.length === 1 ? 'has' : 'have'} one and the same ` +
      `${where}, so nothing can be said about how vital signs vary together.`,
  );
}

const impossible = (what: string): StatisticError =>
  new StatisticError(
    'impossible',
    `The servers' answers open to ${what} that no plausible readings can have: ` +
      'at least one server answered wrongly. No number is given.',
  );
