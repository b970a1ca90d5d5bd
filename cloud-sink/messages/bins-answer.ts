/**
 * The answer to /bins (PROTOCOL.md, section 3) [PROTO-37]: one server's shares of counts by bin.
 *
 * `sums`, `weighted` and `products` are shares, not results; everything else is public at every
 * server. The parser takes any spelling, uses every member and throws AnswerError `form`.
 */
import { BINS_MAX, CELLS_MAX } from '../limits.ts';
import {
  answerFields,
  type AnswerHead,
  takeElements,
  takeHead,
  takePositions,
} from './answer-bodies.ts';
import { AnswerError } from './answer.ts';
import { canonicalBytes } from './canonical.ts';
import type { Snapshot } from './query.ts';

/** Its `data` is [PROTO-38]. */
export interface BinsAnswer extends AnswerHead {
  readonly asOf: Snapshot;
  /** Readings counted by bin, readings there are, and patients with a counted one. */
  readonly count: number;
  readonly rows: number;
  readonly patients: number;
  /** Σ m² over patients, m being a patient's counted readings. */
  readonly squares: bigint;
  /** Σ c a bin, or a cell where cells were asked: degree t. */
  readonly sums: readonly bigint[];
  /** Σ m·c a cell, degree t, and Σ c_a·c_b for cells a ≤ b, degree 2t; else none. */
  readonly weighted: readonly bigint[];
  readonly products: readonly bigint[];
}

export const encodeBinsAnswer = (answer: BinsAnswer): Uint8Array =>
  canonicalBytes({
    ...answer,
    squares: String(answer.squares),
    sums: answer.sums.map(String),
    weighted: answer.weighted.map(String),
    products: answer.products.map(String),
  });

export function parseBinsAnswer(body: Uint8Array): BinsAnswer {
  const fields = answerFields(body);
  const answer = {
    ...takeHead(fields),
    asOf: takePositions(fields, 'asOf'),
    count: fields.integer('count', 0, Number.MAX_SAFE_INTEGER),
    rows: fields.integer('rows', 0, Number.MAX_SAFE_INTEGER),
    patients: fields.integer('patients', 0, Number.MAX_SAFE_INTEGER),
    squares: BigInt(fields.text('squares', /^(?:0|[1-9]\d{0,31})$/, 'a decimal string')),
    sums: takeElements(fields, 'sums', BINS_MAX),
    weighted: takeElements(fields, 'weighted', CELLS_MAX),
    products: takeElements(fields, 'products', (CELLS_MAX * (CELLS_MAX + 1)) / 2),
  };
  fields.end();
  const cells = answer.weighted.length;
  if (answer.products.length !== (cells * (cells + 1)) / 2) {
    throw new AnswerError('form', 'there must be a product for every two cells');
  }
  return answer;
}
