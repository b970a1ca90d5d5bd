/**
 * A question of a statistic: over which rows or patients, and what it takes to answer it.
 */
import type { Vital } from '@vitalshare/edge/vital';
import type { ReaderParty } from './party.ts';
import type { CohortQuestion } from './plan.ts';
import {
  type AnalysisUnit,
  momentsDegree,
  type Statistic,
  statisticRow,
} from './statistic-table.ts';
import { StatisticError } from './statistics.ts';

export interface StatisticQuestion extends CohortQuestion {
  readonly statistic: Statistic;
  /** 1 to 8, distinct. For a regression the first is explained by the others. */
  readonly vitals: readonly Vital[];
  /** Without it: patients where an interval is asked or the statistic is a test, else rows. */
  readonly unit?: AnalysisUnit | undefined;
  /** Of an interval, in (0, 1); 0.95 where patients are the unit and none is asked. */
  readonly confidence?: number | undefined;
  /** What a mean is tested against; 0 where none is given. */
  readonly against?: number | undefined;
  /** A comparison's: the label whose values are the groups, and which of them. */
  readonly by?: string | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** What one observation of the question is. */
export function analysisUnit(question: StatisticQuestion): AnalysisUnit {
  const { statistic, unit, confidence, against } = question;
  const isTest = confidence !== undefined || against !== undefined;
  return unit ?? (isTest ? 'patient' : statisticRow(statistic).unit);
}

/** Where no `--interval` says otherwise. */
export const CONFIDENCE = 0.95;

/**
 * Over patients an interval needs products. Where those cannot be had and no interval was asked, a
 * mean still can.
 */
export function degreeOf(party: ReaderParty, question: StatisticQuestion): 0 | 1 | 2 {
  const { statistic, confidence, against } = question;
  const degree = momentsDegree(statistic);
  if (analysisUnit(question) === 'row' || !statisticRow(statistic).interval) return degree;
  const { servers, threshold } = party.configuration;
  const isAsked = confidence !== undefined || against !== undefined;
  return 2 * threshold > servers - 1 && !isAsked ? degree : 2;
}

/**
 * Seconds of one stay follow from each other: to count each as an observation invents certainty.
 * Throws StatisticError `dependent-rows`.
 */
export function refuseDependent(question: StatisticQuestion): void {
  const { statistic, unit, confidence, against } = question;
  const row = statisticRow(statistic);
  const isTest = row.unit === 'patient' || confidence !== undefined || against !== undefined;
  if (unit !== 'row' || !isTest) return;
  throw new StatisticError(
    'dependent-rows',
    `${row.unit === 'patient' ? statistic : 'An interval or a test'} over rows would be wrong: the ` +
      'readings of one patient follow from each other, so an hour of them is not 3600 observations ' +
      'and the interval would be far too narrow. Leave out --unit row: one mean a patient is ' +
      'compared then.',
  );
}
