/**
 * The words of `vitalshare stats histogram|median|quantile|chi-squared`: what is theirs alone. Words
 * that every statistic has in common are read in `stats-command.ts`.
 */
import { type Call, UserError } from '@vitalshare/edge/command/node';
import type { Vital } from '@vitalshare/edge/vital';
import { QUANTILES_MAX } from '../limits.ts';
import { WINDOW_SECONDS } from '../messages/messages.ts';
import type { BinsQuestion } from './ask-bins.ts';
import { comparisonText, distributionText } from './bin-sentences.ts';
import { askDistribution } from './bin-statistics.ts';
import { asUserError, machine, partyOf, rangeOptions, tell } from './command-options.ts';
import { askComparison } from './compare-bins.ts';
import type { Evidence } from './evidence.ts';
import { evidenceOption, keepingEvidence } from './evidence-file.ts';
import type { ReaderParty } from './party.ts';
import type { StatisticOptions } from './session.ts';
import {
  BIN_STATISTICS,
  type BinStatistic,
  type DistributionStatistic,
} from './statistic-table.ts';
import { byOf } from './stats-options.ts';
import { utcOf } from './utc.ts';

/** A test runs each of them. */
export const BINS_EXAMPLES = [
  'histogram heart-rate --where arm=a',
  'quantile heart-rate --at 0.25,0.5,0.95',
  'chi-squared heart-rate --by arm',
];

export const findBinStatistic = (name: string | undefined): BinStatistic | undefined =>
  BIN_STATISTICS.find((known) => known === name);

/** What `stats-command.ts` has read already. */
interface SharedWords {
  readonly vitals: readonly Vital[];
  readonly where: Readonly<Record<string, string>>;
  readonly stays: readonly string[] | undefined;
  /** Of `--groups`. */
  readonly groups: readonly string[];
}

/** What is said of an answer, in either form. */
interface BinsSaid {
  readonly result: object;
  readonly text: string;
  readonly notes: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** Prints the answer. Throws UserError. */
export async function runBins(
  statistic: BinStatistic,
  call: Call,
  words: SharedWords,
): Promise<number> {
  const ask = asking(statistic, call, words, machine.clock());
  const party = partyOf(call, 'researcher');
  const { result, text, notes } = await asUserError(() =>
    keepingEvidence(
      evidenceOption(call),
      () => ask(party, { world: machine }),
      (sentence) => tell('stats', [sentence]),
    ),
  );
  tell('stats', notes);
  process.stdout.write(`${call.values['json'] === true ? JSON.stringify(result) : text}\n`);
  return 0;
}

/** Reads the words, and asks when called. Throws UserError 2 where they are wrong. */
export function asking(
  statistic: BinStatistic,
  call: Call,
  words: SharedWords,
  nowMs: number,
): (party: ReaderParty, options: StatisticOptions) => Promise<BinsSaid> {
  const { question, note } = questionOf(statistic, call, words, nowMs);
  refuseOptions(statistic, call, words.groups);
  if (statistic === 'chi-squared') {
    const by = byOf(call, statistic, words.groups)!;
    const groups = words.groups.length === 0 ? undefined : words.groups;
    return async (party, options) => {
      const answer = await askComparison(party, { ...question, by, groups }, options);
      const text = comparisonText(answer.result, answer.reason);
      return { ...answer, text, notes: [...note, ...answer.notes] };
    };
  }
  const at = quantilesOf(statistic, call);
  return async (party, options) => {
    const answer = await askDistribution(party, { ...question, statistic, at }, options);
    const text = distributionText(answer.result, answer.reason);
    return { ...answer, text, notes: [...note, ...answer.notes] };
  };
}

function questionOf(
  statistic: BinStatistic,
  call: Call,
  { vitals, where, stays }: SharedWords,
  nowMs: number,
): { question: BinsQuestion; note: string[] } {
  const [vital] = vitals;
  if (vital === undefined || vitals.length > 1) {
    throw new UserError(`${statistic} takes 1 vital sign; got ${vitals.length}.`, 2);
  }
  if (call.values['on'] !== undefined) {
    throw new UserError(`--on belongs to regression; ${statistic} takes none.`, 2);
  }
  const range = rangeOptions(call, nowMs);
  // Whole five minutes that lie inside the range.
  const seconds = (micros: number | undefined, round: (windows: number) => number) =>
    micros === undefined ? undefined : WINDOW_SECONDS * round(micros / (1e6 * WINDOW_SECONDS));
  const from = seconds(range.from, Math.ceil);
  const to = seconds(range.to, Math.floor);
  if (from !== undefined && to !== undefined && from >= to) {
    throw new UserError(
      'Between --from and --to must lie whole five minutes (08:00 to 08:05), for bins are counted by these.',
      2,
    );
  }
  const moved =
    (from !== undefined && 1e6 * from !== range.from) ||
    (to !== undefined && 1e6 * to !== range.to);
  const told = [
    ...(from === undefined ? [] : [`from ${utcOf(from)}`]),
    ...(to === undefined ? [] : [`to ${utcOf(to)}`]),
  ];
  const note = moved ? [`bins are counted by whole five minutes: asked ${told.join(' ')}`] : [];
  return { question: { vital, where, stays, from, to }, note };
}

/** What other statistics take and these do not. */
function refuseOptions(statistic: BinStatistic, call: Call, groups: readonly string[]): void {
  const { by, unit } = call.values;
  for (const option of ['every', 'interval', 'against']) {
    if (call.values[option] === undefined) continue;
    throw new UserError(`--${option} is not for ${statistic}, which is made of bins.`, 2);
  }
  if (unit !== undefined && unit !== 'row' && unit !== 'patient') {
    throw new UserError(`--unit must be row or patient; got ${String(unit)}.`, 2);
  }
  if (statistic === 'chi-squared') {
    if (call.values['at'] !== undefined) {
      throw new UserError(`--at belongs to quantile; ${statistic} takes none.`, 2);
    }
    if (unit !== 'row') return;
    throw new UserError(
      'chi-squared is over patients only: readings one second apart are nearly the same, so a test ' +
        'that takes each for an observation finds a difference where there is none.',
      2,
    );
  }
  if (by !== undefined || groups.length > 0) {
    throw new UserError(
      `${statistic} is not split by --by; ask for one group at a time with --where.`,
      2,
    );
  }
  if (unit === 'patient') {
    throw new UserError(`${statistic} describes rows; --unit patient is not for it.`, 2);
  }
}

/** The numbers of `--at`. */
function quantilesOf(statistic: DistributionStatistic, call: Call): number[] {
  const given = call.values['at'];
  if (statistic !== 'quantile') {
    if (given !== undefined)
      throw new UserError(`--at belongs to quantile; ${statistic} takes none.`, 2);
    return [];
  }
  if (typeof given !== 'string') {
    throw new UserError('quantile needs --at with numbers between 0 and 1: --at 0.25,0.5,0.95.', 2);
  }
  const texts = given.split(',');
  const at = texts.map((text) => (/^0?\.\d{1,15}$/.test(text.trim()) ? Number(text) : NaN));
  if (texts.length > QUANTILES_MAX || !at.every((q) => q > 0 && q < 1)) {
    throw new UserError(
      `--at must be 1 to ${QUANTILES_MAX} numbers between 0 and 1 with commas between, got ${given}.`,
      2,
    );
  }
  return at;
}
