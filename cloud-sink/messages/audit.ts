/**
 * /audit: do the shares that servers keep fit together (PROTOCOL.md)?       [PROTO-26] [PROTO-27]
 *
 *   commit     the question                      → commitment to the shares it is about
 *   challenge  the question and all commitments  → two masked combinations of those shares
 *
 * Both steps are one message with or without `commitments`. Parsers throw ProblemError `bad-request`
 * on a question, AnswerError `form` on an answer.
 */
import { fromBase64Url, toBase64Url, utf8, concatBytes, sha256 } from '@vitalshare/edge/seal';
import { LABELS_MAX } from '../limits.ts';
import { answerFields, type AnswerHead, takeElements, takeHead } from './answer-bodies.ts';
import { canonicalBytes, canonicalDigest } from './canonical.ts';
import { type Labels, parseLabels } from './names.ts';
import {
  bad,
  fieldsOf,
  SECOND_MAX,
  type Snapshot,
  takeRange,
  takeSnapshot,
  takeStays,
  takeVitals,
} from './query.ts';

export interface AuditQuery {
  readonly version: 1;
  readonly asOf: Snapshot;
  /** 1 to 8 names of `edge/vital`, distinct; each is audited by itself. */
  readonly vitals: readonly string[];
  /** UTC seconds: from ≤ second < to. */
  readonly from?: number;
  readonly to?: number;
  readonly where: Labels;
  readonly stays?: readonly string[];
  /** Server index → what it committed to, base64url of 32 bytes. Absent in the first step. */
  readonly commitments?: Readonly<Record<string, string>>;
}

/** Its `data` digests the cells covered. */
export interface AuditAnswer extends AnswerHead {
  /** Cells and product cells covered. */
  readonly count: number;
  /** base64url of 32 bytes; the same in both steps. */
  readonly commitment: string;
  /** Two in the second step, none in the first: points of polynomials of degree t. */
  readonly combinations: readonly bigint[];
}

/** Independent combinations: one alone is missed once in p [S20]. */
export const COMBINATIONS = 2;

/** [SHARE-16] Nobody can know it before everybody has committed: it digests what they said. */
export const challengeOf = (query: AuditQuery): Uint8Array =>
  sha256(concatBytes(utf8('vitalshare challenge 1'), canonicalDigest(query)));

export function parseAuditQuery(body: Uint8Array): AuditQuery {
  const fields = fieldsOf(body);
  const query: AuditQuery = {
    version: fields.literal('version', 1),
    asOf: takeSnapshot(fields),
    vitals: takeVitals(fields),
    where: parseLabels(fields.entries('where', LABELS_MAX), bad),
    ...takeRange(fields, SECOND_MAX),
    ...(fields.has('stays') ? { stays: takeStays(fields) } : {}),
    ...(fields.has('commitments')
      ? { commitments: commitmentsOf(fields.entries('commitments', 16)) }
      : {}),
  };
  fields.end();
  return query;
}

function commitmentsOf(entries: readonly [string, unknown][]): Record<string, string> {
  const commitments = entries.map(([server, value]): [string, string] => {
    if (!/^([1-9]|1[0-6])$/.test(server) || typeof value !== 'string' || !is32Bytes(value)) {
      throw bad('commitments must map servers to base64url of 32 bytes');
    }
    return [server, value];
  });
  return Object.fromEntries(commitments);
}

const is32Bytes = (text: string): boolean => {
  try {
    return fromBase64Url(text, 32).length === 32;
  } catch {
    return false;
  }
};

export const encodeAuditAnswer = (answer: AuditAnswer): Uint8Array =>
  canonicalBytes({ ...answer, combinations: answer.combinations.map(String) });

export function parseAuditAnswer(body: Uint8Array): AuditAnswer {
  const fields = answerFields(body);
  const answer = {
    ...takeHead(fields),
    count: fields.integer('count', 0, Number.MAX_SAFE_INTEGER),
    commitment: toBase64Url(fields.base64url('commitment', 32)),
    combinations: takeElements(fields, 'combinations', COMBINATIONS),
  };
  fields.end();
  return answer;
}
