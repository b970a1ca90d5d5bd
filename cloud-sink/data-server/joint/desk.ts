/**
 * Joint answers at one server (PROTOCOL.md, section 5): what a researcher asks of it and what the other
 * servers of the answering set send it.
 *
 *   asked      rows of shares ──► weighted by λ ──► own products
 *                                            ├────► encrypted to servers above  ──► their products back
 *                                            └────► multiplied into rows of servers below, −ρ kept
 *   answer     own + opened − ρ: an additive share of each product, mod p
 *
 * Nothing is done for another server before a researcher has asked this one the same question.
 */
import { keyId, type PublicIdentity } from '@vitalshare/edge/identity';
import { P } from '@vitalshare/edge/field';
import { toBase64Url } from '@vitalshare/edge/seal';
import { weightAtZero } from '@vitalshare/edge/sharing/additive';
import {
  JOINT_AT_ONCE_MAX,
  JOINT_MS_MAX,
  JOINT_ROWS_A_BREATH,
  JOINT_SILENCE_MS,
} from '../../limits.ts';
import type { MomentsAnswer } from '../../messages/answer-bodies.ts';
import { jointDigest, jointName, type JointPiece, type JointQuery } from '../../messages/joint.ts';
import { ProblemError } from '../../messages/problem.ts';
import { acceptKey, type Arithmetic } from '../../paillier/paillier.ts';
import type { Applier } from '../apply.ts';
import { scoped } from '../scope.ts';
import {
  type Blinding,
  blindingOf,
  Multiplier,
  ownProducts,
  productSlots,
} from './cross-products.ts';
import { askAbove, named, type OutgoingOptions, peerMissing } from './outgoing.ts';
import { Deferred, type Incoming, type JointRows, JointSession } from './session.ts';
import { shareRows } from './share-rows.ts';

export interface JointOptions extends OutgoingOptions {
  readonly applier: Applier;
  readonly arithmetic: Arithmetic;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when this server stops. */
  readonly signal: AbortSignal;
  /** Smaller keys are taken in tests alone. */
  readonly keyBitsMin?: number;
}

export class JointDesk {
  readonly #options: JointOptions;
  readonly #sessions = new Map<string, JointSession>();
  /** Servers that sent rows before the researcher's question was here. */
  readonly #early = new Map<string, Deferred<JointSession>>();

  constructor(options: JointOptions) {
    this.#options = options;
  }

  /** [PROTO-60] The snapshot must have been reached. Throws ProblemError. */
  async answer(query: JointQuery, asker: string): Promise<MomentsAnswer> {
    const { party } = this.#options.applier;
    this.#checkSet(query.set);
    const { set } = query;
    const found = () => shareRows(this.#options.applier, query, this.#options.breathe);
    const head = {
      server: party.server,
      generation: party.configuration.generation,
      config: party.configDigest,
      query: toBase64Url(jointDigest(query)),
      asOf: query.asOf,
    };
    const weight = weightAtZero(set, party.server);
    const weighed = (shares: readonly bigint[]): bigint[] =>
      shares.map((share) => (weight * share) % P);
    const answered = (own: Awaited<ReturnType<typeof shareRows>>, products: readonly bigint[]) => ({
      ...head,
      data: toBase64Url(own.data),
      ...{ count: own.count, patients: own.patients, sums: weighed(own.sums), products },
      ...(own.weights === undefined ? {} : { weights: own.weights }),
    });
    if (query.degree < 2) return answered(await found(), []);
    return this.#open(jointName(query, asker), set, async (session) => {
      const own = await found();
      const data = toBase64Url(own.data);
      const rows = own.rows.map(weighed);
      session.found.resolve({ data, rows });
      return answered(own, await this.#products(session, jointName(query, asker), { data, rows }));
    });
  }

  /** [PROTO-63] The next piece of another server's rows; its products once all are here. */
  async take(piece: JointPiece, asker: PublicIdentity): Promise<Uint8Array> {
    const { party } = this.#options.applier;
    const owner = party.configuration.dataServers.findIndex(({ sign }) => sign === asker.sign) + 1;
    const session = await this.#sessionOf(piece.question);
    const incoming = session.incoming(owner);
    if (!incoming) throw new ProblemError('bad-request', `rows of server ${owner} are not for me`);
    const found = await session.found.promise;
    if (piece.data !== found.data || piece.rows !== found.rows.length) {
      throw new ProblemError(
        'joint-differs',
        `server ${owner} asks about other data than server ${party.server} has`,
      );
    }
    if (incoming.isBusy || piece.first !== incoming.received) {
      throw new ProblemError('bad-request', `expected row ${incoming.received} next`);
    }
    incoming.isBusy = true;
    try {
      return await named(owner, () => this.#multiply(session, owner, incoming, found, piece));
    } finally {
      incoming.isBusy = false;
    }
  }

  async #multiply(
    session: JointSession,
    owner: number,
    incoming: Incoming,
    { rows }: JointRows,
    { key: published, ciphertexts }: JointPiece,
  ): Promise<Uint8Array> {
    const { applier, arithmetic, breathe, keyBitsMin } = this.#options;
    const { configuration, configDigest } = applier.party;
    if (incoming.received === 0) {
      if (!published) throw new ProblemError('bad-request', 'the first piece brings the key');
      const identity = keyId(configuration.dataServers[owner - 1]!);
      const key = acceptKey(arithmetic, published, configDigest, identity, keyBitsMin);
      const slots = productSlots(key.bits, rows[0]!.length, rows.length);
      incoming.parts = { key, slots, multiplier: new Multiplier(key, slots, rows.length) };
    }
    const { key, multiplier } = incoming.parts!;
    const checked = key.fromBytes(ciphertexts, Math.ceil(ciphertexts.length / key.ciphertextBytes));
    if (incoming.received + checked.length > rows.length) {
      throw new ProblemError('bad-request', `${rows.length} rows are expected and no more`);
    }
    for (const [i, each] of checked.entries()) {
      multiplier.add(each, rows[incoming.received++]!);
      if (i % JOINT_ROWS_A_BREATH === 0) await breathe();
    }
    if (incoming.received < rows.length) return new Uint8Array(0);
    const blinding: Blinding = blindingOf(key, arithmetic.random);
    const multiplied = multiplier.finish(blinding);
    session.kept(owner).resolve(multiplied.kept);
    return key.toBytes(multiplied.ciphertexts);
  }

  /** [PROTO-65] This server's additive share of each product. */
  async #products(
    session: JointSession,
    name: string,
    found: JointRows,
  ): Promise<readonly bigint[]> {
    const { applier, sleep, signal } = this.#options;
    const { server } = applier.party;
    const above = session.set.filter((each) => each > server);
    return scoped(signal, async (scope) => {
      void sleep(JOINT_MS_MAX, scope.signal).then(() => scope.abort());
      const opened = askAbove(this.#options, name, above, found, scope.signal);
      const kept = session.owners.map((owner) => this.#keptOf(session, owner, scope.signal));
      const parts = await Promise.all([opened, ...kept.map(async (each) => [await each])]);
      const own = ownProducts(found.rows, found.rows[0]?.length ?? 0);
      return parts
        .flat()
        .reduce<readonly bigint[]>((sums, part) => sums.map((sum, i) => (sum + part[i]!) % P), own);
    });
  }

  /** Throws ProblemError `peer-missing` where nothing comes of the owner for a while. */
  async #keptOf(
    session: JointSession,
    owner: number,
    signal: AbortSignal,
  ): Promise<readonly bigint[]> {
    const { sleep } = this.#options;
    const { promise } = session.kept(owner);
    const incoming = session.incoming(owner)!;
    for (;;) {
      const before = incoming.received;
      const silence = sleep(JOINT_SILENCE_MS, signal).then(() => undefined);
      const kept = await Promise.race([promise, silence]);
      if (kept) return kept;
      if (signal.aborted || (incoming.received === before && !incoming.isBusy)) {
        throw peerMissing(owner, 'nothing of its rows came');
      }
    }
  }

  async #open<T>(
    name: string,
    set: readonly number[],
    work: (session: JointSession) => Promise<T>,
  ): Promise<T> {
    if (this.#sessions.has(name)) {
      throw new ProblemError('replayed', 'this joint question is under way already');
    }
    if (this.#sessions.size >= JOINT_AT_ONCE_MAX) {
      const limit = { limit: JOINT_AT_ONCE_MAX };
      throw new ProblemError('too-many', 'too many joint questions at once; ask again', limit);
    }
    const session = new JointSession(set, this.#options.applier.party.server);
    this.#sessions.set(name, session);
    this.#early.get(name)?.resolve(session);
    try {
      return await work(session);
    } catch (error) {
      session.fail(error);
      throw error;
    } finally {
      this.#sessions.delete(name);
    }
  }

  /** Waits a little: a researcher asks all servers at once, and another may have been quicker. */
  async #sessionOf(name: string): Promise<JointSession> {
    const held = this.#sessions.get(name);
    if (held) return held;
    const { sleep, signal } = this.#options;
    const early = this.#early.get(name) ?? new Deferred<JointSession>();
    this.#early.set(name, early);
    try {
      const session = await scoped(signal, (scope) =>
        Promise.race([early.promise, sleep(JOINT_SILENCE_MS, scope.signal).then(() => undefined)]),
      );
      if (session) return session;
      throw new ProblemError('joint-differs', 'nobody asks this server that joint question');
    } finally {
      this.#early.delete(name);
    }
  }

  #checkSet(set: readonly number[]): void {
    const { configuration, server } = this.#options.applier.party;
    const { servers, threshold } = configuration;
    if (set.length === threshold + 1 && set.includes(server) && set.at(-1)! <= servers) return;
    throw new ProblemError(
      'bad-request',
      `set must be ${threshold + 1} of ${servers} servers with server ${server} among them`,
      { server, servers, threshold },
    );
  }
}
