/**
 * The door `@vitalshare/cloud-sink/reader`: asks several data servers and opens what they answer.
 * For researchers and physicians only; it runs unchanged in a page.
 *
 *   statistic.ts      a statistic in one call                             askStatistic
 *   snapshot.ts       which moment a question is about
 *   plan.ts           what must not be asked
 *   ask.ts            one question to all servers; request.ts one request to one server
 *   open-moments.ts   partials to moments, and what may be claimed of them
 *   statistics.ts     moments to statistics; rational.ts the exact arithmetic; units.ts their units
 *   bin-statistics.ts   histogram, median, quantiles in one call                askDistribution
 *   compare-bins.ts   χ² between groups of patients                          askComparison
 *   ask-bins.ts       counts by bin, asked; open-bins.ts opened; quantiles.ts, chi-squared.ts computed
 *   history.ts        one channel of one stay, opened and verified         openHistory
 *   history-join.ts   several servers' pages side by side; history-open.ts finds who lied;
 *   history-runs.ts   parts to readings and runs of samples
 *   errors.ts         ReaderError and its codes
 */
export { askStatistic } from './statistic.ts';
export type {
  StatisticAnswer,
  StatisticOptions,
  StatisticQuestion,
  StatisticResult,
} from './statistic.ts';
export { READER_ERRORS, ReaderError, type ReaderErrorCode } from './errors.ts';
export type { ReaderParty } from './party.ts';
export {
  computeStatistic,
  type Moments,
  momentsDegree,
  type Regression,
  type Statistic,
  STATISTICS,
  StatisticError,
  type StatisticErrorCode,
} from './statistics.ts';
export {
  askDistribution,
  DISTRIBUTION_STATISTICS,
  type DistributionAnswer,
  type DistributionQuestion,
  type DistributionResult,
  type DistributionStatistic,
} from './bin-statistics.ts';
export {
  askComparison,
  type ComparisonAnswer,
  type ComparisonQuestion,
  type ComparisonResult,
} from './compare-bins.ts';
export type { Bin, Quantile } from './quantiles.ts';
export { platform, type Surroundings } from './surroundings.ts';
export { unitOf } from './units.ts';
export { type History, type HistoryChunk, type HistoryOptions, openHistory } from './history.ts';
export type { HistoryRequest } from './history-extent.ts';
export { type OpenedSegment, timeOf } from './history-runs.ts';
