/**
 * Statistics of a vital sign's distribution, from counts by bin: histogram, median, quantiles.
 *
 * A result says over how many of the readings there are it was made: a gateway that was killed loses
 * counts of some minutes, never readings.
 */
import type { Checked } from '@vitalshare/edge/sharing/open';
import type { Snapshot } from '../messages/messages.ts';
import { askBins, type BinsQuestion, openBinsSession } from './ask-bins.ts';
import { counted } from './errors.ts';
import { binsNeeded } from './open-bins.ts';
import type { ReaderParty } from './party.ts';
import { type Bin, histogramOf, type Quantile, quantileOf } from './quantiles.ts';
import { keepEvidence, type Session, type StatisticOptions } from './session.ts';
import { reasonFor, type StatisticAnswer } from './statistic.ts';
import type { DistributionStatistic } from './statistic-table.ts';
import { StatisticError } from './statistics.ts';

export interface DistributionQuestion extends BinsQuestion {
  readonly statistic: DistributionStatistic;
  /** Of `quantile`: each in (0, 1). */
  readonly at: readonly number[];
}

/** The members of the JSON a command prints, in its order. */
export interface DistributionResult {
  readonly statistic: DistributionStatistic;
  readonly vitals: readonly string[];
  /** UCUM. */
  readonly unit: string;
  /** Readings counted by bin, and rows there are. */
  readonly count: number;
  readonly rows: number;
  readonly patients: number;
  /** Every bin of a histogram; the median; or one quantile for each that was asked. */
  readonly value: number | readonly Bin[] | readonly Quantile[];
  /** Of the median: it lies within, for certain. */
  readonly low?: number;
  readonly high?: number;
  readonly servers: readonly number[];
  readonly checked: Checked;
  readonly asOf: Snapshot;
}

export type DistributionAnswer = StatisticAnswer<DistributionResult>;

/** Throws ReaderError where there is no answer, StatisticError where it is no number. */
export async function askDistribution(
  party: ReaderParty,
  question: DistributionQuestion,
  options: StatisticOptions = {},
): Promise<DistributionAnswer> {
  const needed = binsNeeded(party.configuration, false);
  const session = await openBinsSession(party, question, question.statistic, needed, options);
  return keepEvidence(session, () => distributionAt(session, question));
}

async function distributionAt(
  session: Session,
  question: DistributionQuestion,
): Promise<DistributionAnswer> {
  const { statistic, vital } = question;
  const config = session.party.configuration;
  const asked = await askBins(session, question, statistic);
  const { count, rows, patients, servers, checked } = asked;
  if (count === 0) {
    const there = rows === 0 ? '' : ` yet, though there are ${counted(rows, 'row')}`;
    throw new StatisticError('too-few-rows', `No reading of ${vital.name} is counted${there}.`);
  }
  const bins = histogramOf(vital, asked.sums.map(Number));
  const missing = Math.max(0, rows - count);
  const [median] = statistic === 'median' ? [quantileOf(bins, 0.5, missing)] : [];
  const result: DistributionResult = {
    ...{ statistic, vitals: [vital.name], unit: vital.unit, count, rows, patients },
    value:
      statistic === 'histogram'
        ? bins
        : (median?.value ?? question.at.map((at) => quantileOf(bins, at, missing))),
    ...(median === undefined ? {} : { low: median.low, high: median.high }),
    ...{ servers, checked, asOf: session.asOf },
  };
  const needed = binsNeeded(config, false);
  const reason = reasonFor(checked, statistic, config, servers.length, needed);
  const { named, notes } = asked;
  const { evidence } = session;
  return { result, reason, notes: [...notes, ...twice(count, rows)], named, evidence };
}

/** Only a gateway that forgot which cells it had counted can do this. */
const twice = (count: number, rows: number): readonly string[] =>
  count <= rows
    ? []
    : [`${count} readings are counted, more than the ${counted(rows, 'row')} there are.`];
