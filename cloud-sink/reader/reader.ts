/**
 * The door `@vitalshare/cloud-sink/reader`: asks several data servers and opens what they answer.
 * For researchers and physicians only; it runs unchanged in a page.
 *
 *   statistic.ts      a statistic in one call                             askStatistic
 *   groups.ts         the same per window or label                        askGroups
 *   question.ts       what a question is; session.ts several at one snapshot
 *   snapshot.ts       which moment a question is about
 *   plan.ts           what must not be asked
 *   ask.ts            one question to all servers; request.ts one request to one server
 *   open-group.ts     partials to numbers, and what may be claimed of them; judge.ts who is named
 *   evidence.ts       what shows everybody who answered wrongly           verifyEvidence
 *   engines/          where moments come from: engine.ts what an engine is, planner.ts which can answer
 *   statistic-table.ts  which statistics there are, one row each
 *   statistics.ts     moments to statistics; rational.ts the exact arithmetic; units.ts their units
 *   inference.ts      intervals and tests over patients' means (patient-means.ts), compare.ts between
 *                     groups, distributions.ts t, F and normal
 *   catalogue-report.ts  what there is to ask about                       reportOf
 *   bin-statistics.ts   histogram, median, quantiles in one call                askDistribution
 *   compare-bins.ts   χ² between groups of patients                          askComparison
 *   ask-bins.ts       counts by bin, asked; open-bins.ts opened; quantiles.ts, chi-squared.ts computed
 *   audit.ts          do the shares that servers keep fit together            askAudit
 *   history.ts        one channel of one stay, opened and verified         openHistory
 *   history-join.ts   several servers' pages side by side; history-open.ts finds who lied;
 *   history-runs.ts   parts to readings and runs of samples
 *   errors.ts         ReaderError and its codes
 */
export { askStatistic } from './statistic.ts';
export type { EngineOptions, StatisticAnswer, StatisticResult } from './statistic.ts';
export { type Engine, ENGINE_NAMES, type EngineName } from './engines/engine.ts';
export { loadEngine } from './engines/load.ts';
export type { StatisticQuestion } from './question.ts';
export type { StatisticOptions } from './session.ts';
export { askAudit, type AuditAnswered, type AuditResult } from './audit.ts';
export { READER_ERRORS, ReaderError, type ReaderErrorCode } from './errors.ts';
export { type Evidence, EvidenceError, type Proven, verifyEvidence } from './evidence.ts';
export type { ReaderParty } from './party.ts';
export {
  computeStatistic,
  type Moments,
  type Regression,
  StatisticError,
  type StatisticErrorCode,
} from './statistics.ts';
export {
  askGroups,
  type Group,
  type GroupKey,
  type GroupsAnswer,
  type Split,
  type Withheld,
} from './groups.ts';
export type { Comparison, GroupMean } from './compare.ts';
export type { Estimate, Inference } from './inference.ts';
export { type CatalogueReport, reportOf, type VitalCoverage } from './catalogue-report.ts';
export {
  askDistribution,
  type DistributionAnswer,
  type DistributionQuestion,
  type DistributionResult,
} from './bin-statistics.ts';
export {
  askComparison,
  type ComparisonAnswer,
  type ComparisonQuestion,
  type ComparisonResult,
} from './compare-bins.ts';
export type { Bin, Quantile } from './quantiles.ts';
export { platform, type Surroundings } from './surroundings.ts';
export {
  type AnalysisUnit,
  BIN_STATISTICS,
  type BinStatistic,
  type DistributionStatistic,
  momentsDegree,
  type Statistic,
  STATISTICS,
  unitOf,
} from './statistic-table.ts';
export { type History, type HistoryChunk, type HistoryOptions, openHistory } from './history.ts';
export type { HistoryRequest } from './history-extent.ts';
export { type OpenedSegment, timeOf } from './history-runs.ts';
