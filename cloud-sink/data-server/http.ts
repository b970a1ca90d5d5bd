/**
 * A data server over HTTP (PROTOCOL.md, section 3).
 *
 *   GET /head, /heads, /hashes/<log>, /alarms     anyone (`heads/http.ts` the last three)
 *   GET /healthz, /readyz, /metrics               operations/operations.ts
 *   POST /catalogue /moments /bins /history /tags /audit /repair /joint /joint/rows
 *                                                 signed by an admitted key; sealed answers
 *
 * A request is checked in this order, cheapest first: size, admitted key, signature, nonce, role,
 * form, snapshot. Refusals are problem+json; what fails inside is reported here and told to nobody.
 */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { keyId, type PublicIdentity, type Role } from '@vitalshare/edge/identity';
import { signer, verify } from '@vitalshare/edge/identity/node';
import { partiesOf } from '@vitalshare/edge/keys';
import type { Say } from '@vitalshare/edge/operations';
import { fromHex, toBase64Url } from '@vitalshare/edge/seal';
import {
  ASKED_AT_ONCE_MAX,
  BEHIND_WAIT_MS,
  NONCES_MAX,
  NONCES_PER_KEY_MAX,
  REQUEST_BYTES_MAX,
  REQUEST_MS_MAX,
} from '../limits.ts';
import { sealAnswer } from '../messages/answer.ts';
import {
  encodeCatalogue,
  encodeMomentsAnswer,
  encodeTagsAnswer,
} from '../messages/answer-bodies.ts';
import { encodeAuditAnswer, parseAuditQuery } from '../messages/audit.ts';
import { encodeBinsAnswer } from '../messages/bins-answer.ts';
import type { ServerHead } from '../messages/heads.ts';
import { encodeHistory } from '../messages/history-answer.ts';
import { NonceWindow } from '../messages/nonce-window.ts';
import { PROBLEM_TYPE, type ProblemCode, ProblemError, problemJson } from '../messages/problem.ts';
import {
  parseBinsQuery,
  parseCatalogueQuery,
  parseHistoryQuery,
  parseMomentsQuery,
  parseTagsQuery,
  type Snapshot,
} from '../messages/query.ts';
import {
  SignatureError,
  type SignatureFault,
  type SignedBy,
  verifyRequest,
} from '../messages/signature.ts';
import { encodeRepairAnswer, parseRepairQuery } from '../messages/repair.ts';
import { answerBins } from './answer-bins.ts';
import { answerMoments } from './answer-moments.ts';
import type { Applier } from './apply.ts';
import { answerAudit } from './audit.ts';
import { headsOf, makeCatalogue } from './catalogue.ts';
import { allowOrigins } from './cors.ts';
import { addEncryptedSums, type EncryptedSumsParts } from './elgamal/routes.ts';
import { orDamaged } from './damage-text.ts';
import { addHeadRoutes } from './heads/http.ts';
import type { HeadWatch } from './heads/watch.ts';
import { answerHistory } from './history.ts';
import { nodeArithmetic } from '../paillier/node.ts';
import { RepairDesk } from './answer-repair.ts';
import { JointDesk } from './joint/desk.ts';
import { ownKeyOnce } from './joint/own-key.ts';
import { addJoint } from './joint/routes.ts';
import { askingPeer } from './peers.ts';
import { scoped } from './scope.ts';
import type { Operations } from './operations/operations.ts';
import { type Store, StoreError } from './store.ts';
import { answerTags } from './tags.ts';

export interface HttpOptions {
  readonly applier: Applier;
  readonly store: Store;
  readonly operations: Operations;
  readonly watch: HeadWatch;
  /** None where this server knows no others. */
  readonly encryptedSums?: EncryptedSumsParts | undefined;
  /** Joint answers are allowed here [PROTO-66]; off where it is left out. */
  readonly joint?: boolean;
  /** Whose pages may ask [PROTO-28]. */
  readonly origins: readonly string[];
  /** Of all data servers, the j-th server j's; none where this one is alone. */
  readonly dataServers?: readonly string[];
  readonly fetch: typeof globalThis.fetch;
  /** ms UTC. */
  readonly clock: () => number;
  readonly random: (lengthBytes: number) => Uint8Array;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Lets other work of the process go on. */
  readonly breathe: () => Promise<void>;
  /** Aborts when this server stops: nobody waits for the log any more. */
  readonly signal: AbortSignal;
  /** One sentence for the operator: a failure of this server. */
  readonly report: Say;
}

/** A request whose signature holds, from a party whose role may ask this. */
interface Asked {
  readonly body: Uint8Array;
  readonly asker: PublicIdentity;
  readonly signedBy: SignedBy;
}

type Answer = (asked: Asked) => Promise<Uint8Array>;
type Post = (path: string, roles: readonly Role[], answer: Answer) => void;

const SIGNATURE_PROBLEMS: Readonly<Record<SignatureFault, ProblemCode>> = {
  missing: 'unsigned',
  malformed: 'unsigned',
  'wrong-server': 'wrong-server',
  'unknown-key': 'not-admitted',
  stale: 'stale',
  'wrong-digest': 'bad-signature',
  'bad-signature': 'bad-signature',
};

/** Not listening yet. `close` waits for requests under way. */
export function makeHttp(options: HttpOptions): FastifyInstance {
  const { applier, store, breathe } = options;
  const app = fastify({
    bodyLimit: REQUEST_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    // A path that is no URL never reaches the handlers below.
    frameworkErrors: (error, _request, reply) => void refuse(reply, error, options.report),
  });
  allowOrigins(app, options.origins);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => refuse(reply, error, options.report));
  app.setNotFoundHandler((_request, reply) =>
    refuse(reply, new ProblemError('not-found', 'nothing is served here'), options.report),
  );

  options.operations.addTo(app);
  app.get('/head', (_request, reply) => reply.send(headOf(applier, options.watch)));
  addHeadRoutes(app, applier, options.watch);

  const admit = makeAdmission(options);
  const post: Post = (path, roles, answer) => {
    app.post(path, async (request, reply) => {
      const sealed = await admit(request, roles, (asked) =>
        orDamaged(applier, () => answer(asked)),
      );
      return reply.type('application/octet-stream').send(Buffer.from(sealed));
    });
  };
  post('/catalogue', ['researcher', 'physician'], ({ body }) => {
    parseCatalogueQuery(body);
    return Promise.resolve(encodeCatalogue(makeCatalogue(applier.books)));
  });
  post('/moments', ['researcher'], async ({ body, asker }) => {
    const query = parseMomentsQuery(body);
    await reach(options, query.asOf);
    return encodeMomentsAnswer(await answerMoments(applier, query, keyId(asker), breathe));
  });
  post('/bins', ['researcher'], async ({ body, asker }) => {
    const query = parseBinsQuery(body);
    await reach(options, query.asOf);
    await stored(applier, query.asOf);
    return encodeBinsAnswer(await answerBins(applier, store, query, keyId(asker), breathe));
  });
  post('/audit', ['researcher', 'data-server'], async ({ body, asker }) => {
    const query = parseAuditQuery(body);
    await reach(options, query.asOf);
    return encodeAuditAnswer(await answerAudit(applier, query, keyId(asker), breathe));
  });
  post('/history', ['physician'], async ({ body }) => {
    const query = parseHistoryQuery(body);
    await reach(options, query.asOf);
    await stored(applier, query.asOf);
    return encodeHistory(await answerHistory(applier, store, query, breathe));
  });
  post('/tags', ['gateway'], async ({ body }) => {
    const query = parseTagsQuery(body);
    await stored(applier, headsOf(applier.books));
    return encodeTagsAnswer(answerTags(applier.books, store, query));
  });
  addJoint(post, applier.party.server, options.joint ? jointDesk(options) : undefined, (asOf) =>
    reach(options, asOf),
  );
  const desk = new RepairDesk(applier, store, options.clock);
  post('/repair', ['data-server'], async ({ body, asker, signedBy }) => {
    desk.admit(signedBy);
    const query = parseRepairQuery(body);
    const asOf = { [query.log]: query.position };
    await reach(options, asOf);
    await stored(applier, asOf);
    return encodeRepairAnswer(desk.answer(query, asker, signedBy));
  });
  addEncryptedSums(post, options.encryptedSums, (asOf) => reach(options, asOf));
  return app;
}

function jointDesk(options: HttpOptions): JointDesk {
  const { applier, dataServers: addresses, breathe, sleep, signal } = options;
  const { party } = applier;
  const arithmetic = nodeArithmetic(options.random);
  return new JointDesk({
    ...{ applier, arithmetic, breathe, sleep, signal },
    ownKey: ownKeyOnce(arithmetic, party),
    askPeer: addresses && askingPeer({ ...options, party, addresses }),
  });
}

function makeAdmission({ applier, clock, random, operations }: HttpOptions) {
  const { identity, configuration } = applier.party;
  const admitted = new Map(partiesOf(configuration).map((party) => [keyId(party), party]));
  const server = keyId(identity);
  const sign = signer(identity);
  const nonces = new NonceWindow(NONCES_MAX, {
    limitPerKey: NONCES_PER_KEY_MAX,
    startedMs: clock(),
  });
  let running = 0;

  return async (
    request: FastifyRequest,
    roles: readonly Role[],
    answer: Answer,
  ): Promise<Uint8Array> => {
    const body = bodyOf(request);
    const signedBy = verifyRequest({
      method: request.method,
      path: request.raw.url ?? '',
      body,
      headers: request.headers,
      server,
      nowMs: clock(),
      keyOf: (id) => admitted.get(id)?.sign,
      verify,
    });
    if (!nonces.accept(signedBy.keyId, signedBy.nonce, signedBy.createdMs, clock())) {
      throw new ProblemError('replayed', 'this nonce was taken before, or too many were');
    }
    const asker = admitted.get(signedBy.keyId)!;
    if (!roles.includes(asker.role)) {
      const needed = roles.join(' or ');
      throw new ProblemError('not-admitted', `asked by a ${asker.role}, needs a ${needed}`);
    }
    if (running >= ASKED_AT_ONCE_MAX) {
      operations.metrics.limited('all-at-once');
      const limit = { limit: ASKED_AT_ONCE_MAX };
      throw new ProblemError('too-many', 'too many questions at once; ask again', limit);
    }
    const leave = operations.limits.enter(signedBy.keyId);
    running++;
    try {
      const signature = String(request.headers['signature']);
      const plain = await answer({ body, asker, signedBy });
      return sealAnswer(asker, { signature, body }, plain, sign, random);
    } finally {
      leave();
      running--;
    }
  };
}

const bodyOf = ({ body }: FastifyRequest): Uint8Array =>
  body instanceof Uint8Array ? new Uint8Array(body) : new Uint8Array(0);

/** [PROTO-13] */
async function reach(
  { applier, watch, sleep, signal }: HttpOptions,
  asOf: Snapshot,
): Promise<void> {
  watch.refuseForked(asOf); // [PROTO-43]
  const isThere = await scoped(signal, (scope) =>
    applier.reached(asOf, sleep(BEHIND_WAIT_MS, scope.signal)),
  );
  if (isThere) return;
  throw new ProblemError('behind', 'this server has not read the log that far', {
    waitedMs: BEHIND_WAIT_MS,
  });
}

/** [PROTO-46] What answers from the store waits for the commit, or for a disk that takes it. */
async function stored(applier: Applier, asOf: Snapshot): Promise<void> {
  try {
    await applier.flush();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const held = applier.committed;
    if (Object.entries(asOf).every(([log, position]) => position <= (held[log] ?? 0))) return;
    throw new ProblemError(
      'store-full',
      `the disk of server ${applier.party.server} takes nothing; ask again later or as of before`,
    );
  }
}

function headOf({ party, books }: Applier, { agreed }: HeadWatch): ServerHead {
  const { logs } = books;
  return {
    server: party.server,
    config: party.configDigest,
    heads: Object.fromEntries(
      logs.map(({ log, position, hash }) => [
        log,
        { position, hash: toBase64Url(fromHex(hash, 32)) },
      ]),
    ),
    epoch: Math.max(0, ...logs.map(({ epoch }) => epoch)),
    ...(Object.keys(agreed).length > 0 ? { agreed } : {}),
  };
}

function refuse(reply: FastifyReply, error: unknown, report: Say): FastifyReply {
  const problem = problemOf(error);
  if (problem.code === 'internal') {
    report(`a request failed: ${error instanceof Error ? (error.stack ?? error.message) : '?'}`, {
      ...{ event: 'internal', level: 'error' },
    });
  }
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemJson(problem)));
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof SignatureError) {
    return new ProblemError(SIGNATURE_PROBLEMS[error.code], error.message);
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  if (status === 413) {
    const limit = { limit: REQUEST_BYTES_MAX };
    return new ProblemError('too-large', `a request has at most ${REQUEST_BYTES_MAX} bytes`, limit);
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ProblemError('bad-request', 'not a request this server reads');
  }
  return new ProblemError('internal', 'this server failed; its operator can see why');
}
