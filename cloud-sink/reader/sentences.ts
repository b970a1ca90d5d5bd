/** A result as one sentence: the number, its unit, over what, from whom, and how far it was checked. */
import { counted, listed, serverList } from './errors.ts';
import type { StatisticResult } from './statistic.ts';

/** `reason` is why it is not verified. */
export function statisticSentence(result: StatisticResult, reason: string | undefined): string {
  const { servers, checked, count, patients } = result;
  const over = `over ${counted(count, 'row')} of ${counted(patients, 'patient')}`;
  const from = `from ${serverList(servers)}`;
  const claim = reason === undefined ? checked : `${checked}: ${reason}`;
  return `${statement(result)}, ${over}, ${from} (${claim}).`;
}

function statement({ statistic, vitals, unit, value }: StatisticResult): string {
  const in_ = unit === '1' ? '' : ` ${unit}`;
  const [first = '', ...others] = vitals;
  if (statistic === 'count') {
    return `${listed(vitals)} ${vitals.length === 1 ? 'is' : 'are'} present`;
  }
  if (typeof value === 'number') {
    return `The ${statistic} of ${listed(vitals)} is ${shown(value)}${in_}`;
  }
  const terms = others.map((name) => {
    const slope = value.coefficients[name] ?? 0;
    return `${slope < 0 ? '−' : '+'} ${shown(Math.abs(slope))} × ${name}`;
  });
  const line = [shown(value.intercept), ...terms].join(' ');
  return `${first} = ${line}${unit === '1' ? '' : ` (in ${unit})`}, R² = ${shown(value.rSquared)}`;
}

/** Six digits: what a person reads. JSON has them all. */
const shown = (value: number): string => String(Number(value.toPrecision(6))).replace('-', '−');
