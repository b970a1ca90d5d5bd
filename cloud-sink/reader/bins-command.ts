/**
 * The words of `vitalshare stats histogram|median|quantile|chi-squared`: what is theirs alone. Words
 * that every statistic has in common are read in `stats-command.ts`.
 */
import { type Call, UserError } from '@vitalshare/edge/command/node';
import type { Vital } from '@vitalshare/edge/vital';
import { QUANTILES_MAX } from '../limits.ts';
import { LABEL_TEXT, WINDOW_SECONDS } from '../messages/messages.ts';
import type { BinsQuestion } from './ask-bins.ts';
import { comparisonText, distributionText } from './bin-sentences.ts';
import { askDistribution, DISTRIBUTION_STATISTICS } from './bin-statistics.ts';
import { asUserError, machine, partyOf, rangeOptions, tell } from './command-options.ts';
import { askComparison } from './compare-bins.ts';

export const BIN_STATISTICS = [...DISTRIBUTION_STATISTICS, 'chi-squared'] as const;
export type BinStatistic = (typeof BIN_STATISTICS)[number];

/** The lines of `--help`. */
export const BINS_HELP = `  histogram                     of one: how many readings fall into each of its bins
  median, quantile              of one, from its bins: --at 0.25,0.5,0.95
  chi-squared                   of one: does its distribution differ between groups? --by <label>`;

export const findBinStatistic = (name: string | undefined): BinStatistic | undefined =>
  BIN_STATISTICS.find((known) => known === name);

/** What `stats-command.ts` has read already. */
export interface SharedWords {
  readonly vitals: readonly Vital[];
  readonly where: Readonly<Record<string, string>>;
  readonly stays: readonly string[] | undefined;
}

/** Prints the answer. Throws UserError. */
export async function runBins(
  statistic: BinStatistic,
  call: Call,
  words: SharedWords,
): Promise<number> {
  const { question, note } = questionOf(statistic, call, words);
  const by = groupsOf(statistic, call);
  const at = quantilesOf(statistic, call);
  const party = partyOf(call, 'researcher');
  const options = { world: machine };
  const [result, text, notes] = await asUserError(async () => {
    if (statistic === 'chi-squared') {
      const { result, reason, notes } = await askComparison(party, { ...question, by }, options);
      return [result, comparisonText(result, reason), notes] as const;
    }
    const asked = { ...question, statistic, at };
    const { result, reason, notes } = await askDistribution(party, asked, options);
    return [result, distributionText(result, reason), notes] as const;
  });
  tell('stats', [...note, ...notes]);
  process.stdout.write(`${call.values['json'] === true ? JSON.stringify(result) : text}\n`);
  return 0;
}

function questionOf(
  statistic: BinStatistic,
  call: Call,
  { vitals, where, stays }: SharedWords,
): { question: BinsQuestion; note: string[] } {
  const [vital] = vitals;
  if (vital === undefined || vitals.length > 1) {
    throw new UserError(`${statistic} takes 1 vital sign; got ${vitals.length}.`, 2);
  }
  if (call.values['on'] !== undefined) {
    throw new UserError(`--on belongs to regression; ${statistic} takes none.`, 2);
  }
  const range = rangeOptions(call, machine.clock());
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
    ...(from === undefined ? [] : [`from ${timeText(from)}`]),
    ...(to === undefined ? [] : [`to ${timeText(to)}`]),
  ];
  const note = moved ? [`bins are counted by whole five minutes: asked ${told.join(' ')}`] : [];
  return { question: { vital, where, stays, from, to }, note };
}

const timeText = (second: number): string =>
  new Date(1_000 * second).toISOString().replace('.000', '');

/** The label of `--by`. */
function groupsOf(statistic: BinStatistic, call: Call): string {
  const by = call.values['by'];
  const unit = call.values['unit'];
  if (statistic !== 'chi-squared') {
    if (by !== undefined)
      throw new UserError(`--by belongs to chi-squared; not to ${statistic}.`, 2);
    if (unit !== undefined && unit !== 'row') {
      throw new UserError(`${statistic} describes rows; --unit ${String(unit)} is not for it.`, 2);
    }
    return '';
  }
  if (unit === 'row') {
    throw new UserError(
      'chi-squared is over patients only: readings one second apart are nearly the same, so a test ' +
        'that takes each for an observation finds a difference where there is none.',
      2,
    );
  }
  if (unit !== undefined && unit !== 'patient') {
    throw new UserError(`--unit must be patient for chi-squared, got ${String(unit)}.`, 2);
  }
  if (typeof by === 'string' && LABEL_TEXT.test(by)) return by;
  throw new UserError(
    by === undefined
      ? 'chi-squared compares groups: name the label that makes them, --by ward.'
      : '--by must be the name of a label, 1 to 64 characters of A-Z a-z 0-9 - _ .',
    2,
  );
}

/** The numbers of `--at`. */
function quantilesOf(statistic: BinStatistic, call: Call): number[] {
  const given = call.values['at'];
  if (statistic !== 'quantile') {
    if (given !== undefined)
      throw new UserError(`--at belongs to quantile; not to ${statistic}.`, 2);
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
