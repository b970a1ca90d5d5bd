/**
 * Distributions in words: one calm sentence, and for a histogram a bar a bin.
 *
 *   over 2800 of 2857 rows of 7 patients          where not every reading was counted by bin
 */
import type { DistributionResult } from './bin-statistics.ts';
import type { ComparisonResult } from './compare-bins.ts';
import { counted, listed, serverList } from './errors.ts';
import type { Bin, Quantile } from './quantiles.ts';
import { in_, shown } from './sentences.ts';

/** Characters of the longest bar. */
const BAR_CHARS = 40;

/** `reason` is why it is not verified. Several lines for a histogram. */
export function distributionText(result: DistributionResult, reason: string | undefined): string {
  const { vitals, unit, value, low, high } = result;
  const ofUnit = in_(unit);
  const name = listed(vitals);
  const tail = `${over(result)}, ${from(result, reason)}.`;
  if (typeof value === 'number') {
    const bounds = `between ${shown(low!)} and ${shown(high!)}`;
    return `The median of ${name} is about ${shown(value)}${ofUnit}, certainly ${bounds}, ${tail}`;
  }
  if (result.statistic === 'histogram') {
    const lines = bars(value as readonly Bin[]);
    return [`The histogram of ${name}${ofUnit && ` in${ofUnit}`}, ${tail}`, '', ...lines].join(
      '\n',
    );
  }
  const quantiles = (value as readonly Quantile[]).map(
    ({ at, value: about, low: least, high: most }) =>
      `${shown(at)}: about ${shown(about)}${ofUnit}, certainly between ${shown(least)} and ${shown(most)}`,
  );
  return `Quantiles of ${name} are ${quantiles.join('; ')}; ${tail}`;
}

export function comparisonText(result: ComparisonResult, reason: string | undefined): string {
  const { vitals, by, value, groups, cells } = result;
  const { f, p, degreesOfFreedom, designEffect } = value;
  const degrees = degreesOfFreedom.map(shown).join(', ');
  const sizes = groups.map(({ group, patients }) => `${group} (${counted(patients, 'patient')})`);
  const test = `F(${degrees}) = ${shown(f)}, p = ${p < 1e-4 ? '< 0.0001' : shown(p)}`;
  return (
    `The distribution of ${listed(vitals)} between groups of ${by}, ${listed(sizes)}: ` +
    `${test.replace('= <', '<')}, by χ² over patients in ${cells.length} cells ` +
    `(design effect ${shown(designEffect)}), ${over(result)}, ${from(result, reason)}.`
  );
}

function over({ count, rows, patients }: { count: number; rows: number; patients: number }) {
  const readings = count === rows ? counted(rows, 'row') : `${count} of ${counted(rows, 'row')}`;
  return `over ${readings} of ${counted(patients, 'patient')}`;
}

const from = (
  { servers, checked }: Pick<DistributionResult, 'servers' | 'checked'>,
  reason: string | undefined,
): string =>
  `from ${serverList(servers)} (${reason === undefined ? checked : `${checked}: ${reason}`})`;

/** From the first bin that holds a reading to the last. */
function bars(bins: readonly Bin[]): string[] {
  const first = bins.findIndex(({ count }) => count > 0);
  const last = bins.findLastIndex(({ count }) => count > 0);
  const some = bins.slice(first, last + 1);
  const most = Math.max(...some.map(({ count }) => count));
  const width = (texts: readonly string[]): number =>
    Math.max(...texts.map(({ length }) => length));
  const low = width(some.map((bin) => shown(bin.low)));
  const high = width(some.map((bin) => shown(bin.high)));
  const digits = String(most).length;
  return some.map((bin) => {
    const range = `${shown(bin.low).padStart(low)} to ${shown(bin.high).padEnd(high)}`;
    // A bin that holds a reading shows at least a point.
    const length = Math.round((BAR_CHARS * bin.count) / most);
    const bar = bin.count > 0 && length === 0 ? '.' : '#'.repeat(length);
    return `  ${range}  ${String(bin.count).padStart(digits)}  ${bar}`.trimEnd();
  });
}
