/**
 * Data servers for the reader's tests, in one process and behind `fetch`: the real code of a data
 * server (books, shares, moments, history) on a real log, without sockets.
 *
 * They can do what real servers must not: be down, be behind, and lie. A lie is told about the
 * answer's body before it is signed, so it is well formed and the server's own.
 */
import { keyId, type PublicIdentity, sign, verify, verifier } from '@vitalshare/edge/identity/node';
import { concatBytes, toBase64Url } from '@vitalshare/edge/seal';
import { findWaveform, type Lead, LEADS } from '@vitalshare/edge/vital';
import { answerBins } from '../data-server/answer-bins.ts';
import { answerMoments } from '../data-server/answer-moments.ts';
import { Applier } from '../data-server/apply.ts';
import { answerAudit } from '../data-server/audit.ts';
import type { StoredKey } from '../data-server/elgamal/key-file.ts';
import { addEncryptedSums, makeEncryptedSums } from '../data-server/elgamal/routes.ts';
import { makeCatalogue } from '../data-server/catalogue.ts';
import { JointDesk } from '../data-server/joint/desk.ts';
import type { OwnKey } from '../data-server/joint/own-key.ts';
import { addJoint } from '../data-server/joint/routes.ts';
import { askingPeer } from '../data-server/peers.ts';
import { answerHistory } from '../data-server/history.ts';
import { MemoryStore } from '../data-server/store-memory.fixture.ts';
import {
  column,
  makeWorld,
  random,
  type TestColumn,
  TestLog,
} from '../data-server/world.fixture.ts';
import {
  BatchReader,
  type BinsAnswer,
  type Catalogue,
  type AuditAnswer,
  encodeAuditAnswer,
  encodeBinsAnswer,
  encodeCatalogue,
  encodeHistory,
  encodeMomentsAnswer,
  type HistoryAnswer,
  type MomentsAnswer,
  parseAuditQuery,
  parseBinsQuery,
  parseHistoryQuery,
  parseMomentsQuery,
  PROBLEM_TYPE,
  ProblemError,
  problemJson,
  sealAnswer,
  verifyRequest,
} from '../messages/messages.ts';
import { ownFixedBase, publishKey } from '../paillier/paillier.ts';
import { ARITHMETICS, testKey } from '../paillier/keys.fixture.ts';
import type { ReaderParty } from './party.ts';
import { platform, type Surroundings } from './surroundings.ts';

export interface Column {
  readonly vital: string;
  /** UTC second of row 0. */
  readonly start: number;
  /** Fixed-point; null is absent. */
  readonly values: readonly (number | null)[];
}

export interface Segment {
  readonly channel: string;
  readonly lead: Lead;
  readonly startMicros: number;
  readonly rateMilliHz: number;
  readonly samples: Int16Array;
}

export interface Lies {
  moments?: (answer: MomentsAnswer) => MomentsAnswer;
  joint?: (answer: MomentsAnswer) => MomentsAnswer;
  /** What it sends back to the server whose rows it multiplied, or to any of its pieces. */
  multiplied?: (bytes: Uint8Array) => Uint8Array;
  /** What it sends of its own rows. */
  rows?: (piece: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  audit?: (answer: AuditAnswer) => AuditAnswer;
  bins?: (answer: BinsAnswer) => BinsAnswer;
  history?: (answer: HistoryAnswer) => HistoryAnswer;
  /** Of /elgamal/…, by path and as bytes. */
  encrypted?: (path: string, answer: Uint8Array) => Uint8Array;
  catalogue?: (answer: Catalogue) => Catalogue;
  /** Instead of a catalogue: a status without a body that says why. */
  catalogueStatus?: number;
  head?: (position: number) => number;
  /** How far it answers for this log, which it says was forked. */
  agreed?: number;
  /** Other logs in its head, with the position told of each. */
  logs?: Readonly<Record<string, number>>;
}

type EncryptedAnswer = (asked: {
  readonly body: Uint8Array;
  readonly asker: PublicIdentity;
}) => Promise<Uint8Array>;

interface Server {
  readonly applier: Applier;
  readonly store: MemoryStore;
  readonly joint: JointDesk;
  readonly encrypted: ReadonlyMap<string, EncryptedAnswer>;
}

/** One world: its parties, one log, n servers behind `fetch`. */
export class TestServers {
  readonly researcher: ReaderParty;
  readonly physician: ReaderParty;
  readonly world: Surroundings;
  readonly lies = new Map<number, Lies>();
  readonly down = new Set<number>();
  /** Take the request and never answer. */
  readonly hanging = new Set<number>();
  /** Server → records it has not got. */
  readonly behind = new Map<number, number>();
  readonly asked: { server: number; path: string }[] = [];
  gatewayDown = false;
  /** Records the gateway tells of that it has not published. */
  gatewayAhead = 0;
  /** Server → its file of the key of encrypted sums. */
  readonly keys = new Map<number, StoredKey>();
  /** Real pages hold 8 MiB; these so many parts. */
  partsPerPage = 3;

  /** Do not allow joint answers. */
  readonly jointOff = new Set<number>();
  /** How the servers wait for each other. */
  jointSleep: Surroundings['sleep'] = platform.sleep;
  /** How they reach each other, where it is not as the reader does. */
  peerFetch: typeof fetch | undefined;

  readonly #log: TestLog;
  readonly #servers: Server[];
  readonly #numbers = new Map<string, number>();

  constructor(servers: number, threshold: number, minimumCohort = 1) {
    const made = makeWorld(servers, threshold, minimumCohort);
    this.#log = new TestLog(made);
    const addresses = {
      gateway: 'http://gateway.test',
      dataServers: made.dataServers.map(({ server }) => `http://server-${server}.test`),
    };
    const peers = {
      addresses: addresses.dataServers,
      fetch: ((url, init) => this.#fetch(url as URL, init ?? {})) as typeof globalThis.fetch,
      ...{ clock: platform.clock, random, signal: new AbortController().signal },
      sleep: (ms: number, signal: AbortSignal) => platform.sleep(ms, signal),
    };
    const breathe = (): Promise<void> => Promise.resolve();
    this.#servers = made.dataServers.map((party) => {
      const store = new MemoryStore();
      const applier = new Applier(party, store);
      const file = {
        load: () => this.keys.get(party.server),
        save: (stored: StoredKey) => void this.keys.set(party.server, stored),
      };
      const parts = makeEncryptedSums(applier, file, { ...peers, party }, breathe);
      const encrypted = new Map<string, EncryptedAnswer>();
      const post = (path: string, _roles: unknown, answer: EncryptedAnswer) =>
        void encrypted.set(path, answer);
      addEncryptedSums(post, parts, () => Promise.resolve());
      return { applier, store, encrypted, joint: this.#jointDesk(applier) };
    });
    const { configuration, configDigest } = made;
    this.researcher = { identity: made.researcher, configuration, configDigest, addresses };
    this.physician = { identity: made.physician, configuration, configDigest, addresses };
    this.world = {
      ...platform,
      sign,
      verify,
      fetch: (url, init) => this.#fetch(url as URL, init ?? {}),
    };
  }

  get logId(): string {
    return this.#log.name;
  }

  get position(): number {
    return this.#log.position;
  }

  /** Server `server`'s own state, for tests that damage it. */
  applierOf(server: number): Applier {
    return this.#servers[server - 1]!.applier;
  }

  label(stay: string, labels: Record<string, string>, tag?: string): void {
    const number = this.#numbers.get(stay) ?? this.#numbers.size + 1;
    this.#numbers.set(stay, number);
    this.#log.stay(number, stay, labels, tag).commit();
  }

  /** One frame, in a batch of its own. */
  append(stay: string, columns: readonly Column[], segments: readonly Segment[] = []): void {
    if (!this.#numbers.has(stay)) this.label(stay, {});
    const readings = columns.map(({ vital, start, values }): [string, TestColumn] => [
      vital,
      column(
        start,
        values.map((value) => value ?? undefined),
      ),
    ]);
    const number = this.#numbers.get(stay)!;
    this.#log.frame(number, Object.fromEntries(readings), segments.map(testSegment)).commit();
  }

  /** One increment of readings (in the unit), in a batch of its own. */
  countBins(stay: string, vital: string, window: number, readings: readonly number[]): void {
    this.#log.bins(this.#numbers.get(stay)!, vital, window, readings).commit();
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    init.signal?.throwIfAborted();
    if (url.hostname === 'gateway.test') return this.#gateway();
    const server = Number(/^server-(\d+)\.test$/.exec(url.hostname)![1]);
    if (this.down.has(server)) {
      const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      throw new TypeError('fetch failed', { cause });
    }
    if (this.hanging.has(server)) {
      return new Promise((_, reject) => {
        init.signal!.addEventListener('abort', () => reject(new Error('aborted')));
      });
    }
    this.#follow(server);
    if (url.pathname === '/head') return Response.json(this.#head(server));
    this.asked.push({ server, path: url.pathname });
    const status = this.lies.get(server)?.catalogueStatus;
    if (url.pathname === '/catalogue' && status !== undefined) return new Response('', { status });
    const { configuration } = this.researcher;
    const { researchers, physicians, dataServers } = configuration;
    const people = [...researchers, ...physicians, ...dataServers];
    const { identity } = this.#servers[server - 1]!.applier.party;
    const headers = init.headers as Record<string, string>;
    const body = init.body as Uint8Array;
    const asker = verifyRequest({
      method: init.method!,
      path: url.pathname,
      body,
      headers,
      server: keyId(identity),
      nowMs: this.world.clock(),
      keyOf: (id) => people.find((person) => keyId(person) === id)?.sign,
      verify,
    }).keyId;
    try {
      const to = people.find((person) => keyId(person) === asker)!;
      const encrypted = this.#servers[server - 1]!.encrypted.get(url.pathname);
      const lie = this.lies.get(server)?.encrypted ?? ((_path, told: Uint8Array) => told);
      const answer = await Promise.race([
        encrypted
          ? encrypted({ body, asker: to }).then((told) => lie(url.pathname, told))
          : this.#answer(server, url.pathname, body, asker),
        abortOf(init.signal),
      ]);
      const request = { signature: headers['signature']!, body };
      const sealed = sealAnswer(to, request, answer, (each) => sign(identity, each), random);
      return new Response(new Uint8Array(sealed));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const type = { 'content-type': PROBLEM_TYPE };
      return Response.json(problemJson(error), { status: error.status, headers: type });
    }
  }

  #jointDesk(applier: Applier): JointDesk {
    const { party } = applier;
    const arithmetic = ARITHMETICS.openssl;
    const { signal } = new AbortController();
    const sleep = (ms: number, scope: AbortSignal) => this.jointSleep(ms, scope);
    const addresses = party.configuration.dataServers.map((_, i) => `http://server-${i + 1}.test`);
    const world = {
      fetch: (...asked: Parameters<typeof fetch>) => (this.peerFetch ?? this.world.fetch)(...asked),
    };
    const ask = askingPeer({
      ...{ party, addresses, sleep, signal, random, ...world },
      clock: () => this.world.clock(),
    });
    return new JointDesk({
      ...{ applier, arithmetic, sleep, signal },
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      ownKey: () =>
        Promise.resolve({
          ...jointKey(),
          published: publishKey(
            arithmetic,
            jointKey().key,
            party.configDigest,
            keyId(party.identity),
          ),
        }),
      askPeer: async (server, path, body, scope) => {
        const lie = this.lies.get(party.server)?.rows;
        return ask(server, path, lie ? new Uint8Array(await lie(body)) : body, scope);
      },
    });
  }

  #gateway(): Response {
    if (this.gatewayDown) throw new TypeError('fetch failed');
    const { name, hash, created } = this.#log;
    const position = this.#log.position + this.gatewayAhead;
    return Response.json([{ log: name, position, hash: toBase64Url(hash), time: created }]);
  }

  /** Whole batches, up to where this server may be. */
  #follow(server: number): void {
    const { applier } = this.#servers[server - 1]!;
    const head = applier.headOf(this.logId);
    const until = this.position - (this.behind.get(server) ?? 0);
    const news = this.#log.batches.filter(
      ({ position }) => position >= head.position && position < until,
    );
    const verify = verifier(applier.party.configuration.gateway.sign);
    const reader = new BatchReader({ head, verify });
    for (const batch of reader.push(concatBytes(...news.map(({ bytes }) => bytes)))) {
      applier.apply(this.logId, batch);
    }
  }

  #head(server: number): object {
    const { applier } = this.#servers[server - 1]!;
    const { position, hash } = applier.headOf(this.logId);
    const lies = this.lies.get(server);
    const told = { [this.logId]: lies?.head?.(position) ?? position, ...lies?.logs };
    const heads = Object.entries(told).map(([log, at]): [string, object] => [
      log,
      { position: at, hash: toBase64Url(hash) },
    ]);
    return {
      server,
      config: applier.party.configDigest,
      heads: Object.fromEntries(heads),
      epoch: 1,
      ...(lies?.agreed === undefined ? {} : { agreed: { [this.logId]: lies.agreed } }),
    };
  }

  async #answerJoint(
    server: number,
    path: string,
    asked: Parameters<EncryptedAnswer>[0],
  ): Promise<Uint8Array> {
    const { joint } = this.#servers[server - 1]!;
    const lies = this.lies.get(server) ?? {};
    const same = <T>(answer: T): T => answer;
    const desk: Pick<JointDesk, 'answer' | 'take'> = {
      answer: async (...of) => (lies.joint ?? same)(await joint.answer(...of)),
      take: async (...of) => (lies.multiplied ?? same)(await joint.take(...of)),
    };
    const paths = new Map<string, EncryptedAnswer>();
    const post = (name: string, _roles: unknown, answer: EncryptedAnswer) =>
      void paths.set(name, answer);
    addJoint(post, server, this.jointOff.has(server) ? undefined : desk, () => Promise.resolve());
    return paths.get(path)!(asked);
  }

  async #answer(
    server: number,
    path: string,
    body: Uint8Array,
    asker: string,
  ): Promise<Uint8Array> {
    const { applier, store } = this.#servers[server - 1]!;
    const lies = this.lies.get(server) ?? {};
    const same = <T>(answer: T): T => answer;
    const breathe = (): Promise<void> => Promise.resolve();
    if (path === '/catalogue') {
      return encodeCatalogue((lies.catalogue ?? same)(makeCatalogue(applier.books)));
    }
    if (path === '/audit') {
      const answer = await answerAudit(applier, parseAuditQuery(body), asker, breathe);
      return encodeAuditAnswer((lies.audit ?? same)(answer));
    }
    if (path.startsWith('/joint')) {
      const { dataServers, researchers } = this.researcher.configuration;
      const from = [...dataServers, ...researchers].find((each) => keyId(each) === asker)!;
      return this.#answerJoint(server, path, { body, asker: from });
    }
    const parsers = { '/moments': parseMomentsQuery, '/bins': parseBinsQuery };
    const parse = path === '/moments' || path === '/bins' ? parsers[path] : parseHistoryQuery;
    const query = parse(body);
    if (applier.headOf(this.logId).position < (query.asOf[this.logId] ?? 0)) {
      throw new ProblemError('behind', 'this server has not read the log that far');
    }
    if ('vitals' in query) {
      const answer = await answerMoments(applier, query, asker, breathe);
      return encodeMomentsAnswer((lies.moments ?? same)(answer));
    }
    await applier.flush();
    if ('vital' in query) {
      const answer = await answerBins(applier, store, query, asker, breathe);
      return encodeBinsAnswer((lies.bins ?? same)(answer));
    }
    const { after, ...whole } = query;
    const { parts } = await answerHistory(applier, store, whole, breathe);
    const from = Number(after ?? 0);
    const next = from + this.partsPerPage < parts.length ? String(from + this.partsPerPage) : '';
    const page = { next, parts: parts.slice(from, from + this.partsPerPage) };
    return encodeHistory((lies.history ?? same)(page));
  }
}

/** As a socket does: who asked is gone. */
const abortOf = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new TypeError('aborted')), { once: true });
  });

/** One for all servers of all tests: a table of masks takes half a second. */
let jointKeyMade: Pick<OwnKey, 'key' | 'masks'> | undefined;
function jointKey(): Pick<OwnKey, 'key' | 'masks'> {
  const key = jointKeyMade?.key ?? testKey(2048);
  return (jointKeyMade ??= { key, masks: ownFixedBase(ARITHMETICS.openssl, key) });
}

function testSegment({ channel, lead, startMicros, rateMilliHz, samples }: Segment) {
  const plaintext = new Uint8Array(2 + 2 * samples.length);
  const view = new DataView(plaintext.buffer);
  samples.forEach((sample, i) => view.setInt16(2 + 2 * i, sample, true));
  return {
    channel: findWaveform(channel)!.code,
    lead: LEADS.indexOf(lead),
    unit: 1,
    startMicros,
    rateMilliHz,
    gain: 200,
    baseline: 0,
    count: samples.length,
    plaintext,
  };
}
