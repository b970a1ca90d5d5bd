/**
 * From the servers' partials to opened moments, and what may be claimed of them [S6].
 *
 *   group   answers over the same data: (data, count, patients, weights), the rest being equal  [PROTO-16]
 *   open    each sum at degree t, each product at 2t, or t where products are columns  [PROTO-17]
 *   claim   the weakest claim among the moments that were used
 *
 * The count stands in clear in every answer: t + 1 servers that agree on it include an honest one.
 * When servers disagree there is no number, unless enough of them agree to name the others.
 */
import { toSigned } from '@vitalshare/edge/field';
import { type Checked, openAnswer, OpeningError } from '@vitalshare/edge/sharing/open';
import type { SharingConfig } from '@vitalshare/edge/sharing';
import type { MomentsAnswer } from '../messages/messages.ts';
import { listed, ReaderError, serverList } from './errors.ts';
import { ServerFault } from './request.ts';
import type { Moments, PatientWeightSums } from './statistics.ts';

export interface OpenedMoments {
  readonly moments: Moments;
  readonly patients: number;
  readonly checked: Checked;
  /** Whose answers were combined, rising. */
  readonly servers: readonly number[];
  /** Whose answers are shown to be wrong, rising. */
  readonly named: readonly number[];
}

/** Degree of the polynomial a product's partials lie on. */
export const productDegree = ({ servers, threshold }: SharingConfig): number =>
  2 * threshold > servers - 1 ? threshold : 2 * threshold;

/** How many answers the moments of a degree need. */
export function serversNeeded(config: SharingConfig, degree: 0 | 1 | 2): number {
  return (degree === 2 ? productDegree(config) : config.threshold) + 1;
}

/**
 * The answers over one and the same data, and the others as faults. Throws ReaderError `disagree`
 * where no group is large enough, or where two are so large that each has an honest member.
 */
export function groupAnswers(
  config: SharingConfig,
  needed: number,
  answers: readonly MomentsAnswer[],
): { readonly group: readonly MomentsAnswer[]; readonly apart: readonly ServerFault[] } {
  const groups = new Map<string, MomentsAnswer[]>();
  for (const answer of answers) {
    // [PROTO-34] Weights are functions of the data: others are over other data.
    const weights = answer.weights?.join(' ') ?? '';
    const key = `${answer.data} ${answer.count} ${answer.patients} ${weights}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [answer]);
    else group.push(answer);
  }
  const [group = [], second = []] = [...groups.values()].sort((a, b) => b.length - a.length);
  if (group.length < needed || second.length > config.threshold) {
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

/** Opens one group's moments. Throws ReaderError `too-few` or `disagree`. */
export function openMoments(
  config: SharingConfig,
  degree: 0 | 1 | 2,
  group: readonly MomentsAnswer[],
): OpenedMoments {
  const first = group[0];
  const servers = group.map(({ server }) => server);
  if (first === undefined || servers.length < config.threshold + 1) {
    throw new ReaderError('too-few', `a count needs ${config.threshold + 1} servers that agree`);
  }
  const claims: Checked[] = [];
  const named = new Set<number>();
  const open = (polynomialDegree: number, values: (answer: MomentsAnswer) => bigint): bigint => {
    const answers = group.map((answer) => ({ server: answer.server, value: values(answer) }));
    const opened = openOne(config, polynomialDegree, answers);
    claims.push(opened.checked);
    for (const server of opened.named) named.add(server);
    return toSigned(opened.value);
  };
  const sums =
    degree === 0 ? [] : first.sums.map((_, i) => open(config.threshold, (each) => each.sums[i]!));
  const products =
    degree < 2
      ? []
      : first.products.map((_, i) => open(productDegree(config), (each) => each.products[i]!));
  return {
    moments: {
      count: first.count,
      sums,
      products,
      ...(first.weights === undefined ? {} : { weights: weightsOf(first, first.weights) }),
    },
    patients: first.patients,
    checked: weakest(claims),
    servers,
    named: [...named].sort((a, b) => a - b),
  };
}

const weightsOf = (
  { patients }: MomentsAnswer,
  [sum, squares]: readonly [bigint, bigint],
): PatientWeightSums => ({ patients, sum, squares });

function openOne(
  config: SharingConfig,
  degree: number,
  answers: readonly { readonly server: number; readonly value: bigint }[],
): ReturnType<typeof openAnswer> {
  try {
    return openAnswer(config, degree, answers);
  } catch (error) {
    if (!(error instanceof OpeningError)) throw error;
    const servers = answers.map(({ server }) => server);
    if (error.code === 'too-few') throw new ReaderError('too-few', error.message, servers);
    throw new ReaderError(
      'disagree',
      `The answers of ${serverList(servers)} do not fit together: at least one of them is wrong, ` +
        'and so few answers cannot show which. No number is given.',
      servers,
    );
  }
}

/** The weakest of several claims. An empty list is a count alone, on which t + 1 servers agree. */
export const weakest = (claims: readonly Checked[]): Checked =>
  claims.includes('unchecked') ? 'unchecked' : claims.includes('partly') ? 'partly' : 'verified';
