/**
 * Questions and answers of encrypted sums (PROTOCOL.md, section 4): how the key is made, what servers
 * encrypt, and what of it they decrypt.
 *
 *   /elgamal/key       step by step, between servers; its last step also for researchers
 *   /elgamal/sums      number = ciphertext 64 B ‖ proof 96 B            one a sum, one a product
 *   /elgamal/decrypt   partial = point 32 B ‖ proof 64 B                one a number
 */
import { concatBytes, fromBase64Url, sha256, toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { DEALING_POINTS_MAX, QUERY_VITALS_MAX, SUM_SERVERS_MAX } from '../limits.ts';
import { type AnswerHead, answerFields, takeHead, takePositions } from './answer-bodies.ts';
import { AnswerError } from './answer.ts';
import { canonicalBytes, canonicalDigest } from './canonical.ts';
import { Fields } from './fields.ts';
import { bad, fieldsOf, type MomentsQuery, parseMomentsQuery, type Snapshot } from './query.ts';

export const KEY_PATH = '/elgamal/key';
export const SUMS_PATH = '/elgamal/sums';
export const DECRYPT_PATH = '/elgamal/decrypt';

export const NUMBER_BYTES = 160;
export const PARTIAL_BYTES = 96;
const NUMBERS_MAX = QUERY_VITALS_MAX + (QUERY_VITALS_MAX * (QUERY_VITALS_MAX + 1)) / 2;

export const KEY_STEPS = ['commitment', 'dealing', 'key'] as const;
export type KeyStep = (typeof KEY_STEPS)[number];

export interface KeyQuery {
  readonly version: 1;
  readonly step: KeyStep;
}

/** A dealing as it is shown; `cloud-sink/elgamal` checks it. */
export interface ShownDealing {
  readonly commitments: readonly Uint8Array[];
  readonly proof: Uint8Array;
}

/** What every answer about the key says of itself. */
export interface KeyHead {
  readonly server: number;
  readonly generation: number;
  readonly config: string;
}

export interface CommitmentAnswer extends KeyHead {
  readonly commitment: Uint8Array;
}

export interface DealingAnswer extends KeyHead {
  readonly dealing: ShownDealing;
  /** The asker's own, 32 bytes. */
  readonly share: Uint8Array;
}

export interface KeyAnswer extends KeyHead {
  /** By rising server. */
  readonly dealings: readonly ShownDealing[];
}

/** Of moments over rows. */
export interface SumsQuery {
  readonly version: 1;
  /** Digest of the key, base64url of 32 bytes. */
  readonly key: string;
  /** The answering set, rising. */
  readonly servers: readonly number[];
  readonly question: MomentsQuery;
}

export interface SumsAnswer extends AnswerHead {
  readonly asOf: Snapshot;
  readonly count: number;
  readonly patients: number;
  readonly numbers: readonly Uint8Array[];
  /** Of the server, over `sumsSigned`. */
  readonly signature: Uint8Array;
}

export interface Encrypted {
  readonly server: number;
  readonly numbers: readonly Uint8Array[];
  readonly signature: Uint8Array;
}

export interface DecryptQuery {
  readonly version: 1;
  /** What was asked of /elgamal/sums, and what `data` all answered it over. */
  readonly asked: SumsQuery;
  readonly data: string;
  /** Of every server of the set. */
  readonly answers: readonly Encrypted[];
}

export interface DecryptAnswer extends KeyHead {
  readonly query: string;
  readonly partials: readonly Uint8Array[];
}

/** Degree of the question: 0 has no number, 1 one a vital sign, 2 one more a pair. */
export const numbersOf = ({ vitals, degree }: Pick<MomentsQuery, 'vitals' | 'degree'>): number =>
  degree === 0 ? 0 : vitals.length + (degree === 1 ? 0 : (vitals.length * (vitals.length + 1)) / 2);

/**
 * [PROTO-85] Everything that decides what servers encrypt: the query has the set and the key. The masks,
 * the signatures and the proofs of one question are bound to it [S9].
 */
export function sumsBinding(
  { configDigest, configuration: { generation } }: SumsWorld,
  query: Uint8Array,
  data: Uint8Array,
  askerKeyId: string,
): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, generation, true);
  const config = fromBase64Url(configDigest, 32);
  const asker = fromBase64Url(askerKeyId, 16);
  return sha256(concatBytes(utf8('vitalshare sums 1'), config, bytes, query, data, asker));
}

interface SumsWorld {
  readonly configDigest: string;
  readonly configuration: { readonly generation: number };
}

/** [PROTO-86] What a server signs of its numbers; `binding` has 32 bytes. */
export const sumsSigned = (
  binding: Uint8Array,
  server: number,
  numbers: readonly Uint8Array[],
): Uint8Array =>
  concatBytes(
    utf8('vitalshare numbers 1'),
    binding,
    Uint8Array.of(server),
    sha256(concatBytes(...numbers)),
  );

/** [PROTO-86] What the proof of one number is bound to. */
export const numberContext = (binding: Uint8Array, server: number, index: number): Uint8Array =>
  concatBytes(binding, Uint8Array.of(server, index));

/** [PROTO-88] What the proof of one partial is bound to: key, question, asker and place. */
export const partialContext = (
  keyDigest: Uint8Array,
  query: Uint8Array,
  askerKeyId: string,
  index: number,
): Uint8Array => concatBytes(keyDigest, query, fromBase64Url(askerKeyId, 16), Uint8Array.of(index));

export const sumsDigest = (query: SumsQuery | DecryptQuery): Uint8Array =>
  canonicalDigest('asked' in query ? decryptJson(query) : query);

export function parseKeyQuery(body: Uint8Array): KeyQuery {
  const fields = fieldsOf(body);
  const version = fields.literal('version', 1);
  const named = fields.take('step');
  const step = KEY_STEPS.find((known) => known === named);
  if (step === undefined) throw bad('step must be commitment, dealing or key');
  fields.end();
  return { version, step };
}

export function parseSumsQuery(body: Uint8Array): SumsQuery {
  const fields = fieldsOf(body);
  const query = takeSums(fields);
  fields.end();
  return query;
}

export function parseDecryptQuery(body: Uint8Array): DecryptQuery {
  const fields = fieldsOf(body);
  const version = fields.literal('version', 1);
  const inner = new Fields(fields.take('asked'), bad);
  const asked = takeSums(inner);
  inner.end();
  const data = toBase64Url(fields.base64url('data', 32));
  const answers = fields.list('answers', 1, SUM_SERVERS_MAX).map((value) => {
    const part = new Fields(value, bad);
    const answer = {
      server: part.integer('server', 1, SUM_SERVERS_MAX),
      numbers: takeBytes(part, 'numbers', NUMBER_BYTES, NUMBERS_MAX, bad),
      signature: part.base64url('signature', 64),
    };
    part.end();
    return answer;
  });
  fields.end();
  const count = numbersOf(asked.question);
  const isSet = answers.every(({ server }, i) => server === asked.servers[i]);
  if (answers.length !== asked.servers.length || !isSet) {
    throw bad('answers must be one of each server of the set, in its order');
  }
  if (count === 0 || answers.some(({ numbers }) => numbers.length !== count)) {
    throw bad(`every answer must have the ${count} numbers that the question asks`);
  }
  return { version, asked, data, answers };
}

function takeSums(fields: Fields): SumsQuery {
  const version = fields.literal('version', 1);
  const key = toBase64Url(fields.base64url('key', 32));
  const servers = fields.list('servers', 1, SUM_SERVERS_MAX).map((server, i, all) => {
    const above = i === 0 ? 0 : (all[i - 1] as number);
    if (typeof server === 'number' && Number.isInteger(server) && server > above) return server;
    throw bad('servers must be indices that rise');
  });
  const question = parseMomentsQuery(canonicalBytes(fields.take('question')));
  if (question.unit !== undefined) throw bad('encrypted sums are of rows');
  return { version, key, servers, question };
}

export const encodeCommitmentAnswer = ({ commitment, ...head }: CommitmentAnswer): Uint8Array =>
  canonicalBytes({ ...head, commitment: toBase64Url(commitment) });

export const encodeDealingAnswer = ({ dealing, share, ...head }: DealingAnswer): Uint8Array =>
  canonicalBytes({ ...head, dealing: dealingJson(dealing), share: toBase64Url(share) });

export const encodeKeyAnswer = ({ dealings, ...head }: KeyAnswer): Uint8Array =>
  canonicalBytes({ ...head, dealings: dealings.map(dealingJson) });

export const encodeSumsAnswer = ({ numbers, signature, ...head }: SumsAnswer): Uint8Array =>
  canonicalBytes({ ...head, numbers: numbers.map(toBase64Url), signature: toBase64Url(signature) });

export const encodeDecryptQuery = (query: DecryptQuery): Uint8Array =>
  canonicalBytes(decryptJson(query));

export const encodeDecryptAnswer = ({ partials, ...head }: DecryptAnswer): Uint8Array =>
  canonicalBytes({ ...head, partials: partials.map(toBase64Url) });

export function parseCommitmentAnswer(body: Uint8Array): CommitmentAnswer {
  return parsed(body, (fields) => ({ commitment: fields.base64url('commitment', 32) }));
}

export function parseDealingAnswer(body: Uint8Array): DealingAnswer {
  return parsed(body, (fields) => ({
    dealing: takeDealing(fields.take('dealing')),
    share: fields.base64url('share', 32),
  }));
}

export function parseKeyAnswer(body: Uint8Array): KeyAnswer {
  return parsed(body, (fields) => ({
    dealings: fields.list('dealings', 1, SUM_SERVERS_MAX).map((each) => takeDealing(each)),
  }));
}

export function parseSumsAnswer(body: Uint8Array): SumsAnswer {
  const fields = answerFields(body);
  const answer = {
    ...takeHead(fields),
    asOf: takePositions(fields, 'asOf'),
    count: fields.integer('count', 0, Number.MAX_SAFE_INTEGER),
    patients: fields.integer('patients', 0, Number.MAX_SAFE_INTEGER),
    numbers: takeBytes(fields, 'numbers', NUMBER_BYTES, NUMBERS_MAX, fail),
    signature: fields.base64url('signature', 64),
  };
  fields.end();
  return answer;
}

export function parseDecryptAnswer(body: Uint8Array): DecryptAnswer {
  return parsed(body, (fields) => ({
    query: toBase64Url(fields.base64url('query', 32)),
    partials: takeBytes(fields, 'partials', PARTIAL_BYTES, NUMBERS_MAX, fail),
  }));
}

const fail = (message: string): AnswerError => new AnswerError('form', message);

function parsed<T>(body: Uint8Array, take: (fields: Fields) => T): T & KeyHead {
  const fields = answerFields(body);
  const answer = {
    server: fields.integer('server', 1, SUM_SERVERS_MAX),
    generation: fields.integer('generation', 1, 0xffffffff),
    config: toBase64Url(fields.base64url('config', 32)),
    ...take(fields),
  };
  fields.end();
  return answer;
}

/** Of a file or an answer. Throws what `refuse` makes. */
export function takeDealing(
  value: unknown,
  refuse: (message: string) => Error = fail,
): ShownDealing {
  const fields = new Fields(value, refuse);
  const dealing = {
    commitments: takeBytes(fields, 'commitments', 32, DEALING_POINTS_MAX, refuse),
    proof: fields.base64url('proof', 64),
  };
  fields.end();
  return dealing;
}

export const dealingJson = ({ commitments, proof }: ShownDealing) => ({
  commitments: commitments.map(toBase64Url),
  proof: toBase64Url(proof),
});

const decryptJson = ({ version, asked, data, answers }: DecryptQuery) => ({
  ...{ version, asked, data },
  answers: answers.map(({ server, numbers, signature }) => ({
    server,
    numbers: numbers.map(toBase64Url),
    signature: toBase64Url(signature),
  })),
});

function takeBytes(
  fields: Fields,
  name: string,
  lengthBytes: number,
  countMax: number,
  refuse: (message: string) => Error,
): Uint8Array[] {
  return fields.list(name, 0, countMax).map((value) => {
    try {
      if (typeof value === 'string') return fromBase64Url(value, lengthBytes);
    } catch {
      // Falls through: what it held is nobody's to read.
    }
    throw refuse(`${name} must be base64url of ${lengthBytes} bytes each`);
  });
}
