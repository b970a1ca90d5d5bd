/** Questions of /moments and what answers them. */
import { toBase64Url } from '@vitalshare/edge/seal';
import type { SharingConfig } from '@vitalshare/edge/sharing';
import {
  type MomentsAnswer,
  type MomentsQuery,
  parseMomentsAnswer,
  parseMomentsQuery,
  queryDigest,
} from '../messages/messages.ts';
import { isHeadOf, type QuestionKind } from './question-kind.ts';

export const MOMENTS: QuestionKind<MomentsQuery, MomentsAnswer> = {
  path: '/moments',
  parseQuery: parseMomentsQuery,
  parseAnswer: parseMomentsAnswer,
  answers: (answer, server, query) => {
    const k = query.vitals.length;
    return (
      isHeadOf(answer, server, toBase64Url(queryDigest(query)), query.asOf) &&
      answer.sums.length === (query.degree === 0 ? 0 : k) &&
      answer.products.length === (query.degree === 2 ? (k * (k + 1)) / 2 : 0) &&
      (answer.weights !== undefined) === (query.unit === 'patient')
    );
  },
  form: (config) => ({
    // [PROTO-34] Weights are functions of the data, as counts are.
    clear: ({ count, patients, weights = [] }) => [count, patients, ...weights].join(' '),
    shares: [
      { degree: config.threshold, of: ({ sums }) => sums },
      { degree: productDegree(config), of: ({ products }) => products },
    ],
  }),
};

/** Degree of the polynomial a product's partials lie on [PROTO-17]. */
export const productDegree = ({ servers, threshold }: SharingConfig): number =>
  2 * threshold > servers - 1 ? threshold : 2 * threshold;
