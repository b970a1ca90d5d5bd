/**
 * The statistics there are: one row each. Adding one is one row here and its arithmetic; which words
 * a question takes, what is asked of the servers, units and `--help` follow from the row.
 *
 * `unit` is what counts as one observation where the question does not say: a row (a second of a
 * stay) for descriptions; a patient for tests, because readings at 1 Hz are not independent.
 */
import type { Vital } from '@vitalshare/edge/vital';
import { productUnit } from './units.ts';

/** What one observation is. */
export type AnalysisUnit = 'row' | 'patient';

export interface StatisticRow {
  /** How many vital signs it takes: [least, most]. */
  readonly vitals: readonly [number, number];
  /** How many more after `--on`; absent where it takes none. */
  readonly on?: readonly [number, number];
  /** It compares groups by label: [least, most] of them. */
  readonly compares?: readonly [number, number];
  /** Highest moments over rows: 0 the count, 1 sums, 2 products. */
  readonly degree: 0 | 1 | 2;
  /** Where the question does not say. */
  readonly unit: AnalysisUnit;
  /** Over patients it comes with standard error, interval and test, which need products. */
  readonly interval: boolean;
  /** UCUM of its value. */
  readonly ucum: (vitals: readonly Vital[]) => string;
  /** The line of `--help`. */
  readonly help: string;
}

const first = ([vital]: readonly Vital[]): string => vital?.unit ?? '1';
const one = (): string => '1';

/** Groups of one χ²: two questions each to every server. */
const CHI_SQUARED_GROUPS_MAX = 16;
/** Groups that an analysis of variance takes. */
const ANOVA_GROUPS_MAX = 64;

const TABLE = {
  count: {
    vitals: [1, 8],
    degree: 0,
    unit: 'row',
    interval: false,
    ucum: one,
    help: 'rows (seconds of a stay) where every vital sign named is present',
  },
  mean: {
    vitals: [1, 1],
    degree: 1,
    unit: 'row',
    interval: true,
    ucum: first,
    help: 'of one vital sign',
  },
  variance: {
    vitals: [1, 1],
    degree: 2,
    unit: 'row',
    interval: false,
    ucum: ([vital]) => productUnit([vital!.unit, vital!.unit]),
    help: 'of one, as of a sample (n − 1)',
  },
  sd: {
    vitals: [1, 1],
    degree: 2,
    unit: 'row',
    interval: false,
    ucum: first,
    help: 'its square root',
  },
  covariance: {
    vitals: [2, 2],
    degree: 2,
    unit: 'row',
    interval: false,
    ucum: ([a, b]) => productUnit([a!.unit, b!.unit]),
    help: 'of two',
  },
  correlation: {
    vitals: [2, 2],
    degree: 2,
    unit: 'row',
    interval: true,
    ucum: one,
    help: "of two, Pearson's r",
  },
  regression: {
    vitals: [1, 1],
    on: [1, 7],
    degree: 2,
    unit: 'row',
    interval: true,
    ucum: first,
    help: 'of one, explained by those after --on, with R²',
  },
  't-test': {
    vitals: [1, 1],
    compares: [2, 2],
    degree: 2,
    unit: 'patient',
    interval: true,
    ucum: first,
    help: "do two groups differ in their mean? Welch's test, --by a label",
  },
  anova: {
    vitals: [1, 1],
    compares: [2, ANOVA_GROUPS_MAX],
    degree: 2,
    unit: 'patient',
    interval: false,
    ucum: one,
    help: 'do several groups? One-way analysis of variance, --by a label',
  },
} as const satisfies Readonly<Record<string, StatisticRow>>;

/** Of counts by bin instead of moments (`bin-statistics.ts`, `compare-bins.ts`). */
const BINS_TABLE = {
  histogram: {
    vitals: [1, 1],
    unit: 'row',
    interval: false,
    ucum: first,
    help: 'of one: how many readings fall into each of its bins',
  },
  median: {
    vitals: [1, 1],
    unit: 'row',
    interval: false,
    ucum: first,
    help: 'of one, from its bins, with bounds that hold for certain',
  },
  quantile: {
    vitals: [1, 1],
    unit: 'row',
    interval: false,
    ucum: first,
    help: 'likewise, --at 0.25,0.5,0.95',
  },
  'chi-squared': {
    vitals: [1, 1],
    compares: [2, CHI_SQUARED_GROUPS_MAX],
    unit: 'patient',
    interval: false,
    ucum: one,
    help: 'does the distribution over bins differ between groups? --by a label',
  },
} as const satisfies Readonly<Record<string, Omit<StatisticRow, 'degree'>>>;

/** Of moments. */
export type Statistic = keyof typeof TABLE;
export const STATISTICS = Object.keys(TABLE) as readonly Statistic[];

export type BinStatistic = keyof typeof BINS_TABLE;
/** One number or list, and no comparison. */
export type DistributionStatistic = Exclude<BinStatistic, 'chi-squared'>;
export const BIN_STATISTICS = Object.keys(BINS_TABLE) as readonly BinStatistic[];

/** Every name there is. */
export type StatisticName = Statistic | BinStatistic;
export const STATISTIC_NAMES: readonly StatisticName[] = [...STATISTICS, ...BIN_STATISTICS];

export function statisticRow(statistic: Statistic): StatisticRow;
export function statisticRow(statistic: StatisticName): Omit<StatisticRow, 'degree'>;
export function statisticRow(statistic: StatisticName): Omit<StatisticRow, 'degree'> {
  return { ...TABLE, ...BINS_TABLE }[statistic];
}

/** UCUM of the value. */
export const unitOf = (statistic: Statistic, vitals: readonly Vital[]): string =>
  statisticRow(statistic).ucum(vitals);

/** The highest degree of moments the statistic needs over rows. */
export const momentsDegree = (statistic: Statistic): 0 | 1 | 2 => statisticRow(statistic).degree;
