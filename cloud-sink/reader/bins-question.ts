/** Questions of /bins and what answers them. */
import { toBase64Url } from '@vitalshare/edge/seal';
import { findVital } from '@vitalshare/edge/vital';
import { binCount } from '@vitalshare/edge/vital/bins';
import {
  type BinsAnswer,
  type BinsQuery,
  parseBinsAnswer,
  parseBinsQuery,
  queryDigest,
} from '../messages/messages.ts';
import { isHeadOf, type QuestionKind } from './question-kind.ts';

export const BINS: QuestionKind<BinsQuery, BinsAnswer> = {
  path: '/bins',
  parseQuery: parseBinsQuery,
  parseAnswer: parseBinsAnswer,
  answers: (answer, server, query) => {
    const cells = query.cells?.length ?? 0;
    return (
      isHeadOf(answer, server, toBase64Url(queryDigest(query)), query.asOf) &&
      answer.sums.length === (cells === 0 ? binCount(findVital(query.vital)!) : cells) &&
      answer.weighted.length === cells
    );
  },
  // [PROTO-38] [PROTO-39]
  form: ({ threshold }) => ({
    clear: ({ count, rows, patients, squares }) => [count, rows, patients, squares].join(' '),
    shares: [
      { degree: threshold, of: ({ sums }) => sums },
      { degree: threshold, of: ({ weighted }) => weighted },
      { degree: 2 * threshold, of: ({ products }) => products },
    ],
  }),
};
