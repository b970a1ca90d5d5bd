/**
 * The options of `vitalshare stats` that say how to judge and how to split: what was typed, checked.
 * Everything wrong here is exit code 2, in a sentence that says what would be right.
 */
import { type Call, UserError } from '@vitalshare/edge/command/node';
import { LABEL_TEXT } from '../messages/messages.ts';
import { listed } from './errors.ts';
import type { Split } from './groups.ts';
import type { StatisticQuestion } from './question.ts';
import {
  type AnalysisUnit,
  type Statistic,
  type StatisticName,
  statisticRow,
  STATISTICS,
} from './statistic-table.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Longest window: a leap year. */
const EVERY_SECONDS_MAX = 366 * 86_400;

export type Judging = Pick<
  StatisticQuestion,
  'unit' | 'confidence' | 'against' | 'by' | 'groups'
> & { readonly split: Split | undefined };

/** `lists` reads a repeated option of names with commas. Throws UserError 2. */
export function judgingOf(call: Call, statistic: Statistic, groups: readonly string[]): Judging {
  const every = everyOf(call);
  const by = byOf(call, statistic, groups);
  const compares = statisticRow(statistic).compares !== undefined;
  if (every !== undefined && by !== undefined && !compares) {
    throw new UserError('--every and --by split a question two ways: give one of them.', 2);
  }
  return {
    unit: unitOption(call, statistic),
    confidence: confidenceOf(call, statistic),
    against: againstOf(call, statistic),
    by: compares ? by : undefined,
    groups: groups.length === 0 ? undefined : groups,
    split:
      every !== undefined
        ? { everySeconds: every }
        : by !== undefined && !compares
          ? { by }
          : undefined,
  };
}

/** Seconds, 30s to 366d. */
function everyOf(call: Call): number | undefined {
  const text = call.values['every'];
  if (typeof text !== 'string') return undefined;
  const [, count, letter] = /^(\d{1,8})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[letter ?? ''] ?? NaN);
  if (seconds >= 1 && seconds <= EVERY_SECONDS_MAX) return seconds;
  throw new UserError(
    `--every must be a length of time from 1s to 366d, such as 15m, 1h or 1d; got ${text}.`,
    2,
  );
}

/** The label of `--by`, with what `--groups` names of it. Throws UserError 2. */
export function byOf(
  call: Call,
  statistic: StatisticName,
  groups: readonly string[],
): string | undefined {
  const by = call.values['by'];
  const { compares } = statisticRow(statistic);
  if (typeof by !== 'string') {
    if (compares !== undefined) {
      throw new UserError(`${statistic} compares groups: name their label, such as --by arm.`, 2);
    }
    if (groups.length > 0) {
      throw new UserError('--groups names values of a label: name the label with --by.', 2);
    }
    return undefined;
  }
  if (!LABEL_TEXT.test(by)) {
    throw new UserError(`--by must be the name of a label, such as arm; got ${by}.`, 2);
  }
  const wrong = groups.find((value) => !LABEL_TEXT.test(value));
  if (wrong !== undefined) throw new UserError(`--groups: ${wrong} is no value of a label.`, 2);
  const twice = groups.find((value, i) => groups.indexOf(value) !== i);
  if (twice !== undefined) throw new UserError(`--groups names ${twice} twice.`, 2);
  const [least, most] = compares ?? [2, Infinity];
  if (groups.length > 0 && (groups.length < least || groups.length > most)) {
    const wants =
      least === most
        ? `exactly ${least}`
        : most === Infinity
          ? `at least ${least}`
          : `${least} to ${most}`;
    const cure = groups.length === 1 ? ` For one: --where ${by}=${groups[0]!}.` : '';
    throw new UserError(`--groups must name ${wants} values; got ${groups.length}.${cure}`, 2);
  }
  return by;
}

function unitOption(call: Call, statistic: Statistic): AnalysisUnit | undefined {
  const unit = call.values['unit'];
  if (unit === undefined) return undefined;
  if (unit !== 'row' && unit !== 'patient') {
    throw new UserError(`--unit must be row or patient; got ${String(unit)}.`, 2);
  }
  if (unit === 'patient' && statistic === 'count') {
    throw new UserError('count counts rows, and says of how many patients; leave out --unit.', 2);
  }
  return unit;
}

function confidenceOf(call: Call, statistic: Statistic): number | undefined {
  const text = call.values['interval'];
  if (typeof text !== 'string') return undefined;
  if (!statisticRow(statistic).interval) {
    const have = STATISTICS.filter((name) => statisticRow(name).interval);
    throw new UserError(`There is no interval of ${statistic}, but of ${listed(have)}.`, 2);
  }
  const value = /^(?:0?\.\d{1,6}|[01](?:\.0*)?|\d{1,3})$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value < 1) return value;
  const hint = value > 1 && value < 100 ? ` For ${text} % write ${value / 100}.` : '';
  throw new UserError(
    `--interval must be a probability between 0 and 1, such as 0.95; got ${text}.${hint}`,
    2,
  );
}

function againstOf(call: Call, statistic: Statistic): number | undefined {
  const text = call.values['against'];
  if (typeof text !== 'string') return undefined;
  if (statistic !== 'mean') {
    throw new UserError(`--against is what a mean is tested against; ${statistic} takes none.`, 2);
  }
  if (/^-?\d{1,9}(?:\.\d{1,9})?$/.test(text)) return Number(text);
  throw new UserError(`--against must be a number in the vital sign's unit; got ${text}.`, 2);
}
