/** Questions that t + 1 servers answer together, each with one additive share of every number [PROTO-60]. */
import { P, toSigned } from '@vitalshare/edge/field';
import { toBase64Url } from '@vitalshare/edge/seal';
import { jointDigest, type JointQuery } from '../messages/joint.ts';
import type { MomentsAnswer } from '../messages/messages.ts';
import { isHeadOf } from './question-kind.ts';
import type { Moments } from './statistics.ts';

export const JOINT_PATH = '/joint';

/** Whether it is the answer of that server to that question; nothing is said of its numbers. */
export function isJointAnswer(answer: MomentsAnswer, server: number, query: JointQuery): boolean {
  const { vitals, degree, unit, asOf } = query;
  const k = vitals.length;
  return (
    isHeadOf(answer, server, toBase64Url(jointDigest(query)), asOf) &&
    answer.sums.length === (degree === 0 ? 0 : k) &&
    answer.products.length === (degree === 2 ? (k * (k + 1)) / 2 : 0) &&
    (answer.weights !== undefined) === (unit === 'patient')
  );
}

/** Everything in clear that follows from the data. */
export const clearOf = ({ data, count, patients, weights }: MomentsAnswer): string =>
  [data, count, patients, ...(weights ?? [])].join(' ');

/** [PROTO-65] The sums of the shares: of all servers of the set, who agree on what is in clear. */
export function openJoint(answers: readonly MomentsAnswer[]): Moments {
  const { count, patients, weights } = answers[0]!;
  const added = (of: (answer: MomentsAnswer) => readonly bigint[]): bigint[] =>
    of(answers[0]!).map((_, i) =>
      toSigned(answers.reduce((sum, answer) => sum + of(answer)[i]!, 0n) % P),
    );
  return {
    count,
    sums: added(({ sums }) => sums),
    products: added(({ products }) => products),
    ...(weights === undefined
      ? {}
      : { weights: { patients, sum: weights[0], squares: weights[1] } }),
  };
}
