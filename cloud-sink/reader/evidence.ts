/**
 * What shows everybody that a server answered wrongly: the signed answers of one question, its own
 * among them (PROTOCOL.md, Evidence).                                            [PROTO-25] [S6]
 *
 *   answer   the asker's signed request to that server ‖ its signature ‖ its body
 *   proof    all verify under the configuration's keys, are to one body by one asker and over one
 *            `data`; then the judge that named the server live names it again
 *
 * The asker is part of it: masks of products are bound to him [PROTO-17], so answers to two askers
 * never fit, and two of them together could else accuse an honest server.
 *
 * **What it gives away.** t + 1 partials are the result: whoever reads this learns count, sums and
 * products over all rows of the question, as the asker did, and who asked what. Nothing more: sums of
 * shares are points of a polynomial with the result at 0, products are masked, and no key, share or
 * reading is in it.
 */
import { keyId, verify } from '@vitalshare/edge/identity';
import { toBase64Url } from '@vitalshare/edge/seal';
import { Fields } from '../messages/fields.ts';
import {
  AnswerError,
  type Configuration,
  configDigest,
  isSignedAnswer,
  type BinsQuery,
  type MomentsQuery,
  ProblemError,
  SignatureError,
  verifyRequest,
} from '../messages/messages.ts';
import { contentDigest } from '../messages/signature-base.ts';
import { BINS } from './bins-question.ts';
import { judge } from './judge.ts';
import { MOMENTS } from './moments-question.ts';
import type { QuestionKind, SnapshotAnswer } from './question-kind.ts';
import type { ProvenAnswer } from './request.ts';

/** JSON. Binary members are base64url. */
export interface Evidence {
  readonly vitalshare: 'evidence';
  readonly version: 1;
  /** configDigest. */
  readonly config: string;
  /** Whom it shows to be wrong, rising. */
  readonly named: readonly number[];
  /** Where it was asked. */
  readonly path: string;
  /** The body of every request. */
  readonly question: string;
  /** By rising server. */
  readonly answers: readonly EvidenceAnswer[];
}

export interface EvidenceAnswer {
  readonly server: number;
  /** Headers of the request to this server. */
  readonly signatureInput: string;
  readonly signature: string;
  /** The server's signature over the request and `body`. */
  readonly signed: string;
  readonly body: string;
}

/** Thrown on what proves nothing, with the first thing that does not hold. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';
}

/** `answers` are all that came over the `data` of `named`. */
export function makeEvidence(
  config: string,
  path: string,
  question: Uint8Array,
  named: readonly number[],
  answers: ReadonlyMap<number, ProvenAnswer>,
): Evidence {
  return {
    vitalshare: 'evidence',
    version: 1,
    config,
    named: [...named],
    path,
    question: toBase64Url(question),
    answers: [...answers]
      .sort(([a], [b]) => a - b)
      .map(([server, { headers, signature, body }]) => ({
        server,
        signatureInput: headers['signature-input']!,
        signature: headers['signature']!,
        signed: toBase64Url(signature),
        body: toBase64Url(body),
      })),
  };
}

export interface Proven {
  /** Servers that answered wrongly, rising; at least one. */
  readonly named: readonly number[];
  readonly question: MomentsQuery | BinsQuery;
  /** keyId of who asked. */
  readonly asker: string;
}

/**
 * Whom `value` (parsed JSON) proves wrong to anyone who has the configuration. Throws EvidenceError;
 * on Node, `verify` of `@vitalshare/edge/identity/node` is the same verdict, faster.
 */
export function verifyEvidence(
  configuration: Configuration,
  value: unknown,
  verifySignature: typeof verify = verify,
): Proven {
  const fields = new Fields(value, bad);
  fields.literal('vitalshare', 'evidence');
  fields.literal('version', 1);
  const config = toBase64Url(fields.base64url('config', 32));
  const accused = fields.list('named', 1, SERVERS_MAX);
  const path = fields.text('path', /^\/[a-z]+$/, 'a path');
  const question = fields.base64url('question');
  const records = fields.list('answers', 1, SERVERS_MAX);
  fields.end();
  if (config !== configDigest(configuration)) throw bad('it is of another configuration');
  if (path === MOMENTS.path) return verified(MOMENTS);
  if (path === BINS.path) return verified(BINS);
  throw bad(`no answer to ${path} is evidence`);

  function verified<Query extends MomentsQuery | BinsQuery, Answer extends SnapshotAnswer>(
    kind: QuestionKind<Query, Answer>,
  ): Proven {
    const query = parsed(() => kind.parseQuery(question));
    const proofs = records.map((record) => {
      const proof = proofOf(configuration, kind, question, record, verifySignature);
      const { answer, server } = proof;
      const { generation } = configuration;
      const isHere = answer.config === config && answer.generation === generation;
      if (isHere && kind.answers(answer, server, query)) return proof;
      throw bad(`server ${server} answered another question`);
    });
    const asker = checkTogether(proofs);
    const answers = proofs.map(({ answer }) => answer);
    const { named } = judge(configuration, kind.form(configuration), answers);
    if (isSame(named, accused)) return { named, question: query, asker };
    const shown = named.length === 0 ? 'nobody' : `server ${named.join(', ')}`;
    throw bad(`its answers show ${shown} to be wrong, not who is accused`);
  }
}

/** One asker, one `data`, no server twice; returns the asker. */
function checkTogether(proofs: readonly Proof<SnapshotAnswer>[]): string {
  const oneOf = (values: readonly (string | number)[]): boolean => new Set(values).size === 1;
  if (!oneOf(proofs.map(({ asker }) => asker))) throw bad('its answers are to several askers');
  if (!oneOf(proofs.map(({ answer }) => answer.data))) throw bad('its answers are over other data');
  if (new Set(proofs.map(({ server }) => server)).size !== proofs.length) {
    throw bad('a server stands in it twice');
  }
  return proofs[0]!.asker;
}

const SERVERS_MAX = 16;

const bad = (message: string): EvidenceError => new EvidenceError(`evidence: ${message}`);

interface Proof<Answer> {
  readonly server: number;
  readonly asker: string;
  readonly answer: Answer;
}

function proofOf<Query, Answer>(
  configuration: Configuration,
  kind: QuestionKind<Query, Answer>,
  question: Uint8Array,
  record: unknown,
  verifySignature: typeof verify,
): Proof<Answer> {
  const fields = new Fields(record, bad);
  const server = fields.integer('server', 1, configuration.servers);
  const input = fields.text('signatureInput', PRINTABLE, 'a header');
  const signature = fields.text('signature', PRINTABLE, 'a header');
  const signed = {
    signature: fields.base64url('signed', 64),
    body: fields.base64url('body'),
  };
  fields.end();
  const identity = configuration.dataServers[server - 1]!;
  const headers = {
    'content-digest': contentDigest(question),
    'vitalshare-server': keyId(identity),
    'signature-input': input,
    signature,
  };
  const asker = parsed(() =>
    verifyRequest({
      method: 'POST',
      path: kind.path,
      body: question,
      headers,
      server: keyId(identity),
      // Whenever it was asked.
      nowMs: 1000 * Number(/;created=(\d{1,11});/.exec(input)?.[1]),
      keyOf: (id) => configuration.researchers.find((person) => keyId(person) === id)?.sign,
      verify: verifySignature,
    }),
  );
  if (!isSignedAnswer(identity.sign, { signature, body: question }, signed, verifySignature)) {
    throw bad(`the answer of server ${server} is not signed by it, or is to another request`);
  }
  const answer = parsed(() => kind.parseAnswer(signed.body));
  return { server, asker: asker.keyId, answer };
}

const PRINTABLE = /^[ -~]{1,1024}$/;

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const isForm =
      error instanceof AnswerError ||
      error instanceof ProblemError ||
      error instanceof SignatureError;
    throw isForm ? bad(error.message) : error;
  }
}

const isSame = (numbers: readonly number[], values: readonly unknown[]): boolean =>
  numbers.length === values.length && numbers.every((each, i) => each === values[i]);
