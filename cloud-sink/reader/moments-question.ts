/** Whether an answer is one to the question that was asked, live or in evidence [PROTO-16]. */
import { toBase64Url } from '@vitalshare/edge/seal';
import {
  type MomentsAnswer,
  type MomentsQuery,
  queryDigest,
  type Snapshot,
} from '../messages/messages.ts';

/** Nothing is said of its numbers. `config` is compared by whoever knows a better sentence for it. */
export function answersQuestion(
  answer: MomentsAnswer,
  server: number,
  query: MomentsQuery,
): boolean {
  const k = query.vitals.length;
  return (
    answer.server === server &&
    answer.query === toBase64Url(queryDigest(query)) &&
    sameSnapshot(answer.asOf, query.asOf) &&
    answer.sums.length === (query.degree === 0 ? 0 : k) &&
    answer.products.length === (query.degree === 2 ? (k * (k + 1)) / 2 : 0)
  );
}

function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  const logs = Object.keys(a);
  return logs.length === Object.keys(b).length && logs.every((log) => a[log] === b[log]);
}
