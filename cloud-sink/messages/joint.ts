/**
 * Questions that servers answer together, under Paillier (PROTOCOL.md, section 5).
 *
 *   researcher → servers of S   JSON: the members of /moments, `set` and `session`
 *   server i → server j, i < j  u32 length ‖ JSON head ‖ ciphertexts, one a row, big-endian
 */
import { concatBytes, sha256, toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { JOINT_PIECE_BYTES_MAX, JOINT_ROWS_MAX } from '../limits.ts';
import type { PublishedKey } from '../paillier/published-key.ts';
import { canonicalBytes, canonicalDigest } from './canonical.ts';
import { Fields } from './fields.ts';
import { bad, fieldsOf, type MomentsQuery, takeMomentsQuery } from './query.ts';

/** [PROTO-60] */
export interface JointQuery extends MomentsQuery {
  /** The servers that answer, rising: t + 1 of them. */
  readonly set: readonly number[];
  /** base64url of 16 bytes that the asker draws for this question. */
  readonly session: string;
}

export const jointDigest = (query: JointQuery): Uint8Array => canonicalDigest(query);

/** What servers call this question of this asker among themselves. */
export const jointName = (query: JointQuery, askerKeyId: string): string =>
  toBase64Url(sha256(concatBytes(jointDigest(query), utf8(askerKeyId))));

/** Throws ProblemError `bad-request`. */
export function parseJointQuery(body: Uint8Array): JointQuery {
  const fields = fieldsOf(body);
  const set = fields.list('set', 2, 16).map((each, i, all) => {
    if (typeof each === 'number' && Number.isInteger(each) && each > Number(all[i - 1] ?? 0)) {
      return each;
    }
    throw bad('set must be server indices that rise');
  });
  const session = toBase64Url(fields.base64url('session', 16));
  return { ...takeMomentsQuery(fields), set, session };
}

/** [PROTO-63] One piece of the owner's rows. */
export interface JointPiece {
  /** Which question of whom [PROTO-60]. */
  readonly question: string;
  readonly data: string;
  /** Of all pieces together, and the first of these. */
  readonly rows: number;
  readonly first: number;
  /** With the first piece alone. */
  readonly key?: PublishedKey;
  readonly ciphertexts: Uint8Array;
}

export function encodeJointPiece({ ciphertexts, ...head }: JointPiece): Uint8Array<ArrayBuffer> {
  const json = canonicalBytes({ version: 1, ...head });
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.length, true);
  return new Uint8Array(concatBytes(length, json, ciphertexts));
}

/** Throws ProblemError `bad-request`. */
export function parseJointPiece(body: Uint8Array): JointPiece {
  if (body.length < 4) throw bad('a piece has a head');
  const length = new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  if (length > body.length - 4) throw bad('the head is longer than the piece');
  const ciphertexts = body.subarray(4 + length);
  if (ciphertexts.length === 0 || ciphertexts.length > JOINT_PIECE_BYTES_MAX) {
    throw bad(`a piece has 1 to ${JOINT_PIECE_BYTES_MAX} bytes of ciphertexts`);
  }
  const fields = fieldsOf(body.subarray(4, 4 + length));
  fields.literal('version', 1);
  const piece = {
    question: toBase64Url(fields.base64url('question', 32)),
    data: toBase64Url(fields.base64url('data', 32)),
    rows: fields.integer('rows', 1, JOINT_ROWS_MAX),
    first: fields.integer('first', 0, JOINT_ROWS_MAX),
    ...(fields.has('key') ? { key: takeKey(fields.take('key')) } : {}),
    ciphertexts,
  };
  fields.end();
  return piece;
}

const BASE64URL = /^[\w-]{1,8192}$/;

function takeKey(value: unknown): PublishedKey {
  const fields = new Fields(value, bad);
  const key = {
    n: fields.text('n', BASE64URL, 'base64url'),
    owner: fields.text('owner', /^[\w-]{22}$/, 'a keyId'),
    proof: fields.text('proof', BASE64URL, 'base64url'),
  };
  fields.end();
  return key;
}
