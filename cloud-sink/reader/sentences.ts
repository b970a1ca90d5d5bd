/** A result as one sentence: the number, its unit, over what, from whom, and how far it was checked. */
import { counted, listed, serverList } from './errors.ts';
import type { Estimate } from './inference.ts';
import type { StatisticResult } from './statistic.ts';
import { table } from './text-table.ts';

/** `reason` is why it is not verified. */
export function statisticSentence(result: StatisticResult, reason: string | undefined): string {
  const { servers, checked, count, patients, unitOfAnalysis, effectivePatients } = result;
  const rows = counted(count, 'row');
  const people = counted(patients, 'patient');
  const counting =
    effectivePatients === undefined
      ? ''
      : `; weighted unevenly, they count as ${shown(effectivePatients)}`;
  const over =
    unitOfAnalysis === undefined
      ? `over ${rows} of ${people}`
      : `over the means of ${people} (${rows}${counting})`;
  const from = `from ${serverList(servers)}`;
  const claim = reason === undefined ? checked : `${checked}: ${reason}`;
  const sentence = `${statement(result)}, ${over}, ${from} (${claim}).`;
  return result.terms === undefined
    ? sentence
    : `${sentence}\n\n${termTable(result, result.terms)}`;
}

function statement(result: StatisticResult): string {
  const { statistic, vitals, unit, value, by, compared = [] } = result;
  const [first = '', ...others] = vitals;
  if (statistic === 'count') {
    return `${listed(vitals)} ${vitals.length === 1 ? 'is' : 'are'} present`;
  }
  if (statistic === 't-test' && typeof value === 'number') {
    const [one, two] = compared;
    return (
      `The mean of ${first} with ${by!}=${one!.label} less that with ${by!}=${two!.label} is ` +
      `${shown(value)}${in_(unit)}${judged(result)}`
    );
  }
  if (statistic === 'anova') {
    const means = compared.map(({ label, mean }) => `${shown(mean)} with ${label}`);
    return (
      `The mean of ${first} by ${by!} is ${listed(means)}: ${fText(result)}, ` +
      `η² = ${shown(result.etaSquared!)}`
    );
  }
  if (typeof value === 'number') {
    return `The ${statistic} of ${listed(vitals)} is ${shown(value)}${in_(unit)}${judged(result)}`;
  }
  const terms = others.map((name) => {
    const slope = value.coefficients[name] ?? 0;
    return `${slope < 0 ? '−' : '+'} ${shown(Math.abs(slope))} × ${name}`;
  });
  const line = [shown(value.intercept), ...terms].join(' ');
  const test = result.f === undefined ? '' : `, ${fText(result)}`;
  return `${first} = ${line}${unit === '1' ? '' : ` (in ${unit})`}, R² = ${shown(value.rSquared)}${test}`;
}

/** The unit behind a number. */
export const in_ = (unit: string): string => (unit === '1' ? '' : ` ${unit}`);

/** ` (95 % interval 70 to 80 /min; t = 2.1 with 3 degrees of freedom, p = 0.13)`, or nothing. */
function judged({
  confidence,
  interval,
  t,
  df,
  p,
  against,
  unit,
  statistic,
}: StatisticResult): string {
  if (interval === undefined || confidence === undefined) return '';
  const [low, high] = interval;
  const range = `${percent(confidence)} interval ${shown(low)} to ${shown(high)}${in_(unit)}`;
  // That a mean differs from 0 is no news; from a number somebody asked about it may be.
  if (statistic === 'mean' && against === 0) return ` (${range})`;
  const versus = statistic === 'mean' ? `against ${shown(against!)}${in_(unit)} ` : '';
  const degrees = `with ${shown(Number(df))} degrees of freedom`;
  return ` (${range}; ${versus}t = ${shown(t!)} ${degrees}, ${pText(p!)})`;
}

function fText({ f, df, p }: StatisticResult): string {
  const [above, below] = Array.isArray(df) ? (df as [number, number]) : [0, 0];
  return `F = ${shown(f!)} with ${shown(above)} and ${shown(below)} degrees of freedom, ${pText(p!)}`;
}

function termTable(result: StatisticResult, terms: Readonly<Record<string, Estimate>>): string {
  const head = [
    'term',
    'value',
    'standard error',
    `${percent(result.confidence!)} interval`,
    't',
    'p',
  ];
  const rows = Object.entries(terms).map(([name, { value, standardError, interval, t, p }]) => [
    ...[name, shown(value), shown(standardError), `${shown(interval[0])} to ${shown(interval[1])}`],
    ...[shown(t), pText(p).replace('p = ', '').replace('p ', '')],
  ]);
  return table([head, ...rows], [0]);
}

const percent = (confidence: number): string => `${Number((100 * confidence).toPrecision(8))} %`;

const pText = (p: number): string => (p < 1e-6 ? 'p < 0.000001' : `p = ${plain(p, 3)}`);

/** Six digits: what a person reads. JSON has them all. */
export const shown = (value: number): string => plain(value, 6);

const plain = (value: number, digits: number): string =>
  String(Number(value.toPrecision(digits))).replace('-', '−');
