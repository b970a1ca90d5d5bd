/**
 * Questions that data servers answer in shares over one `data`: what counts as an answer to one, live
 * or in evidence, and what of it is judged.
 */
import type { SharingConfig } from '@vitalshare/edge/sharing';
import type { AnswerHead, Snapshot } from '../messages/messages.ts';
import type { Form } from './judge.ts';

/** A path of data servers that answer in shares over one `data`. */
export interface QuestionKind<Query, Answer> {
  readonly path: string;
  /** Throws ProblemError. */
  readonly parseQuery: (body: Uint8Array) => Query;
  /** Throws AnswerError. */
  readonly parseAnswer: (body: Uint8Array) => Answer;
  /** Nothing is said of its numbers. `config` is compared by whoever knows a better sentence for it. */
  readonly answers: (answer: Answer, server: number, query: Query) => boolean;
  readonly form: (config: SharingConfig) => Form<Answer>;
}

/** What every answer of such a path says of the question it answers. */
export interface SnapshotAnswer extends AnswerHead {
  readonly asOf: Snapshot;
}

/** [PROTO-16] An answer to anything else is its server's fault. */
export function isHeadOf(
  answer: Pick<SnapshotAnswer, 'server' | 'query' | 'asOf'>,
  server: number,
  digest: string,
  asOf: Snapshot,
): boolean {
  return answer.server === server && answer.query === digest && sameSnapshot(answer.asOf, asOf);
}

function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  const logs = Object.keys(a);
  return logs.length === Object.keys(b).length && logs.every((log) => a[log] === b[log]);
}
