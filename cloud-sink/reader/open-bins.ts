/**
 * From the servers' partials to opened counts by bin, and what may be claimed of them [S6].
 *
 *   group   answers over the same data: (data, count, rows, patients, squares)      [PROTO-38]
 *   open    sums and weighted sums at degree t, products at 2t                       [PROTO-39]
 *   check   counts lie in 0 … count and add up to it; so do weighted sums and products to Σ m²
 *
 * A server named in one number is left out of all. The check is against what is public: a lie that
 * too few servers stand against to see still has to keep every total.
 */
import { toSigned } from '@vitalshare/edge/field';
import type { SharingConfig } from '@vitalshare/edge/sharing';
import { type Checked, type Opened, openAnswer, OpeningError } from '@vitalshare/edge/sharing/open';
import type { BinsAnswer } from '../messages/messages.ts';
import { listed, ReaderError, serverList } from './errors.ts';
import { ServerFault } from './request.ts';
import { StatisticError } from './statistics.ts';

export interface OpenedBins {
  readonly count: number;
  readonly rows: number;
  readonly patients: number;
  readonly squares: bigint;
  /** A bin, or a cell where cells were asked. */
  readonly sums: readonly bigint[];
  /** Empty where no cells were asked. */
  readonly weighted: readonly bigint[];
  readonly products: readonly bigint[];
  readonly checked: Checked;
  /** Whose answers were combined, rising. */
  readonly servers: readonly number[];
  /** Whose answers are shown to be wrong, rising. */
  readonly named: readonly number[];
}

/** How many answers are needed: one more than the degree of what is opened. */
export const binsNeeded = ({ threshold }: SharingConfig, withCells: boolean): number =>
  (withCells ? 2 * threshold : threshold) + 1;

/**
 * The answers over one and the same data, and the others as faults. Throws ReaderError `disagree`
 * where no group is large enough, or where two are so large that each has an honest member.
 */
export function groupBins(
  { threshold }: SharingConfig,
  needed: number,
  answers: readonly BinsAnswer[],
): { readonly group: readonly BinsAnswer[]; readonly apart: readonly ServerFault[] } {
  const groups = new Map<string, BinsAnswer[]>();
  for (const answer of answers) {
    const { data, count, rows, patients, squares } = answer;
    const key = [data, count, rows, patients, squares].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), answer]);
  }
  const [group = [], second = []] = [...groups.values()].sort((a, b) => b.length - a.length);
  if (group.length < needed || second.length > threshold) {
    const parts = [...groups.values()].map((each) => serverList(each.map(({ server }) => server)));
    throw new ReaderError(
      'disagree',
      `The servers answered over different data: ${listed(parts)} do not match. At least one of ` +
        'them is wrong or has lost part of the log. No number is given.',
      answers.map(({ server }) => server),
    );
  }
  const apart = answers
    .filter((answer) => !group.includes(answer))
    .map(
      ({ server }) =>
        new ServerFault(server, 'differs', 'it answered over other data than the others'),
    );
  return { group, apart };
}

/** Opens one group's numbers. Throws ReaderError `too-few` or `disagree`, StatisticError `impossible`. */
export function openBins(config: SharingConfig, group: readonly BinsAnswer[]): OpenedBins {
  const named = new Set<number>();
  for (;;) {
    const rest = group.filter(({ server }) => !named.has(server));
    const before = named.size;
    const claims = new Set<Checked>();
    let failure: ReaderError | undefined;
    const openAll = (degree: number, list: 'sums' | 'weighted' | 'products'): bigint[] =>
      (rest[0]?.[list] ?? []).map((_, i) => {
        const words = rest.map((each) => ({ server: each.server, value: each[list][i]! }));
        const opened = openOne(config, degree, words);
        if (opened instanceof ReaderError) {
          failure ??= opened;
          return 0n;
        }
        claims.add(opened.checked);
        for (const server of opened.named) named.add(server);
        return toSigned(opened.value);
      });
    const sums = openAll(config.threshold, 'sums');
    const weighted = openAll(config.threshold, 'weighted');
    const products = openAll(2 * config.threshold, 'products');
    // What does not open beside a liar may open without it.
    if (named.size > before) continue;
    if (failure !== undefined) throw failure;
    const { count, rows, patients, squares } = rest[0]!;
    const opened = { count, rows, patients, squares, sums, weighted, products };
    checkTotals(opened);
    return {
      ...opened,
      checked: weakest(claims),
      servers: rest.map(({ server }) => server),
      named: [...named].sort((a, b) => a - b),
    };
  }
}

function openOne(
  config: SharingConfig,
  degree: number,
  words: Parameters<typeof openAnswer>[2],
): Opened | ReaderError {
  try {
    return openAnswer(config, degree, words);
  } catch (error) {
    if (!(error instanceof OpeningError)) throw error;
    const servers = words.map(({ server }) => server);
    if (error.code === 'too-few') return new ReaderError('too-few', error.message, servers);
    return new ReaderError(
      'disagree',
      `The answers of ${serverList(servers)} do not fit together: at least one of them is wrong, ` +
        'and so few answers cannot show which. No number is given.',
      servers,
    );
  }
}

type Totals = Pick<OpenedBins, 'count' | 'squares' | 'sums' | 'weighted' | 'products'>;

function checkTotals({ count, squares, sums, weighted, products }: Totals): void {
  const total = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  const within = (values: readonly bigint[], most: bigint): boolean =>
    values.every((value) => value >= 0n && value <= most);
  // Products off the diagonal stand for two.
  let index = 0;
  const doubled = weighted.flatMap((_, a) =>
    weighted.slice(a).map((__, i) => products[index++]! * (i === 0 ? 1n : 2n)),
  );
  const fits =
    within(sums, BigInt(count)) &&
    total(sums) === BigInt(count) &&
    within([...weighted, ...products], squares) &&
    (weighted.length === 0 || (total(weighted) === squares && total(doubled) === squares));
  if (fits) return;
  throw new StatisticError(
    'impossible',
    "The servers' answers open to counts by bin that do not add up to the readings counted: " +
      'at least one server answered wrongly. No number is given.',
  );
}

const weakest = (claims: ReadonlySet<Checked>): Checked =>
  claims.has('unchecked') ? 'unchecked' : claims.has('partly') ? 'partly' : 'verified';
