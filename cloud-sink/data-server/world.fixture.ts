/**
 * For tests: a small world of parties, and a gateway that masks readings into a log as PROTOCOL.md
 * and SHARING.md say, served by a `fetch` of its own or by whoever asks for its bytes.
 */
import { randomBytes } from 'node:crypto';
import { type Identity, publicOf } from '@vitalshare/edge/identity';
import { makeIdentity, signer, verifier } from '@vitalshare/edge/identity/node';
import { configDigest, type Configuration } from '@vitalshare/edge/keys';
import { toBase64Url, toHex } from '@vitalshare/edge/seal';
import { MaskKeys, maskRoot, setsOf, setsOfServer } from '@vitalshare/edge/sharing';
import { splitCounts, splitFrame } from '@vitalshare/edge/sharing/split';
import { zeroKey } from '@vitalshare/edge/sharing/zero';
import { findVital, toFixedPoint } from '@vitalshare/edge/vital';
import { binCount, binOf } from '@vitalshare/edge/vital/bins';
import { encodeBatch, KIND, type LogRecord, logRunKey } from '../messages/batch.ts';
import { encodeMaskedBins } from '../messages/bins-record.ts';
import type { Labels } from '../messages/names.ts';
import { columnHeader, encodeMaskedFrame, segmentHeader } from '../messages/masked-frame.ts';
import type { SegmentHeader } from '../messages/masked-frame.ts';
import { presenceOf, presentBoth } from '../messages/presence.ts';
import { encodeGenesis, encodeStay } from '../messages/records.ts';
import { encodeRunRecord, sealRunRecord } from '../messages/run-record.ts';
import { BatchReader } from '../messages/batch-reader.ts';
import { HEAD_HEADER, headLine, type SignedHead, signHead } from '../messages/signed-head.ts';
import { Applier } from './apply.ts';
import type { ServerParty } from './runs.ts';
import type { Store } from './store.ts';
import { MemoryStore } from './store-memory.fixture.ts';

export const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes));

export interface TestWorld {
  readonly configuration: Configuration;
  readonly configDigest: string;
  readonly gateway: Identity;
  readonly dataServers: readonly ServerParty[];
  readonly researcher: Identity;
  readonly physician: Identity;
  readonly split: ReadonlyMap<number, Uint8Array>;
  readonly logKey: Uint8Array;
}

export function makeWorld(servers = 3, threshold = 1, minimumCohort = 1): TestWorld {
  const gateway = makeIdentity('gateway', 'gateway', random);
  const identities = Array.from({ length: servers }, (_, i) =>
    makeIdentity(`server ${i + 1}`, 'data-server', random),
  );
  const researcher = makeIdentity('researcher', 'researcher', random);
  const physician = makeIdentity('physician', 'physician', random);
  const configuration: Configuration = {
    vitalshare: 'configuration',
    version: 1,
    world: toBase64Url(random(16)),
    servers,
    threshold,
    generation: 1,
    minimumCohort,
    gateway: publicOf(gateway),
    dataServers: identities.map(publicOf),
    researchers: [publicOf(researcher)],
    physicians: [publicOf(physician)],
  };
  const sets = setsOf(configuration);
  const split = new Map(sets.map((mask) => [mask, random(32)]));
  const zero = new Map(
    sets.map((mask) => [
      mask,
      zeroKey(Array.from({ length: servers - threshold }, () => random(32))),
    ]),
  );
  const logKey = random(32);
  const digest = configDigest(configuration);
  const dataServers = identities.map((identity, i): ServerParty => {
    const own = setsOfServer(configuration, i + 1);
    const pick = (keys: ReadonlyMap<number, Uint8Array>) =>
      new Map(own.map((mask) => [mask, keys.get(mask)!]));
    return {
      identity,
      configuration,
      configDigest: digest,
      server: i + 1,
      keys: { split: new Map([[1, pick(split)]]), log: logKey, zero: pick(zero) },
    };
  });
  return {
    configuration,
    configDigest: digest,
    gateway,
    dataServers,
    researcher,
    physician,
    split,
    logKey,
  };
}

/** Second → reading in fixed point; a gap is a second that is not there. */
export type TestColumn = ReadonlyMap<number, number>;

export interface TestSegment extends SegmentHeader {
  /** flags ‖ quality ‖ samples. */
  readonly plaintext: Uint8Array;
}

/** Readings of `vital` for consecutive seconds; undefined is a gap. */
export const column = (start: number, values: readonly (number | undefined)[]): TestColumn =>
  new Map(
    values.flatMap((value, i): [number, number][] =>
      value === undefined ? [] : [[start + i, value]],
    ),
  );

/** One log of the gateway. Records gather until `commit` makes a batch of them. */
export class TestLog {
  readonly world: TestWorld;
  readonly id: Uint8Array;
  readonly created: number;
  readonly batches: { position: number; bytes: Uint8Array; hash: Uint8Array }[] = [];
  position = 0;
  run = 0;
  readonly #sign: (message: Uint8Array) => Uint8Array;
  #hash: Uint8Array = new Uint8Array(32);
  #bodyKey: Uint8Array = new Uint8Array(32);
  #keys: MaskKeys | undefined;
  #records: LogRecord[] = [];
  readonly #counters = new Map<number, number>();
  readonly #binsCounters = new Map<number, number>();
  readonly #names = new Map<number, string>();

  constructor(world: TestWorld, created = 1_700_000_000_000, id = random(16)) {
    this.world = world;
    this.id = id;
    this.created = created;
    this.#sign = signer(world.gateway);
    const genesis = { log: toHex(id), config: world.configDigest, created, continues: [] };
    this.append(0, [{ kind: KIND.genesis, bytes: encodeGenesis(genesis) }], null);
    this.startRun();
  }

  get name(): string {
    return toHex(this.id);
  }

  get hash(): Uint8Array {
    return this.#hash;
  }

  /** The same log restored from a copy by a gateway that starts a run of its own on it. */
  restored(): TestLog {
    const log = new TestLog(this.world, this.created, this.id);
    log.batches.splice(0, Infinity, ...this.batches);
    log.position = this.position;
    log.run = this.run;
    log.#hash = this.#hash;
    for (const [number, stay] of this.#names) log.#names.set(number, stay);
    log.startRun();
    return log;
  }

  startRun(): void {
    const { configuration, dataServers, split, logKey } = this.world;
    this.run++;
    const secrets = new Map(setsOf(configuration).map((mask) => [mask, random(32)]));
    const salt = random(32);
    const record = sealRunRecord({
      log: this.id,
      run: this.run,
      epoch: 1,
      generation: 1,
      config: configuration,
      dataServers: dataServers.map(({ identity }) => identity),
      secrets,
      salt,
      random,
    });
    this.append(this.run, [{ kind: KIND.run, bytes: encodeRunRecord(record) }], null);
    this.#bodyKey = logRunKey(logKey, salt, this.id, this.run);
    const roots = new Map(
      [...secrets].map(([mask, secret]) => [mask, maskRoot(split.get(mask)!, secret)]),
    );
    const context = { log: this.id, epoch: 1, run: this.run, generation: 1 };
    this.#keys = new MaskKeys(configuration, context, roots);
    this.#counters.clear();
    this.#binsCounters.clear();
  }

  stay(number: number, stay: string, labels: Labels = {}, tag = `tag-${stay}`): this {
    this.#names.set(number, stay);
    const bytes = encodeStay({ number, stay, tag, admitted: true, labels });
    return this.record({ kind: KIND.stay, bytes });
  }

  /** Masks readings by vital name, and segments, as one frame. */
  frame(
    number: number,
    readings: Readonly<Record<string, TestColumn>>,
    segments: readonly TestSegment[] = [],
    counter = (this.#counters.get(number) ?? 0) + 1,
  ): this {
    this.#counters.set(number, counter);
    const columns = Object.entries(readings).map(([name, readingOf]) => {
      const seconds = [...readingOf.keys()];
      const start = Math.min(...seconds);
      const rows = Math.max(...seconds) - start + 1;
      const rowsPresent = seconds.map((second) => second - start).sort((a, b) => a - b);
      const presence = presenceOf(rows, rowsPresent);
      const header = { vital: findVital(name)!.code, start, rows, presence };
      return { header, readingOf, values: rowsPresent.map((row) => readingOf.get(start + row)!) };
    });
    const pairs = this.#pairs(columns.length);
    const masked = splitFrame(this.#keys!, this.#names.get(number)!, counter, {
      columns: columns.map(({ header, values }) => ({ header: columnHeader(header), values })),
      products: pairs.map(([a, b]) =>
        presentBoth(columns[a]!.header, columns[b]!.header).map(
          (second) => columns[a]!.readingOf.get(second)! * columns[b]!.readingOf.get(second)!,
        ),
      ),
      segments: segments.map(({ plaintext, ...header }) => ({
        header: segmentHeader(header),
        plaintext,
      })),
    });
    const bytes = encodeMaskedFrame({
      stay: number,
      counter,
      tag: random(16),
      columns: masked.columns.map((part, i) => ({ ...columns[i]!.header, ...part })),
      products: masked.products.map((part, i) => ({
        a: pairs[i]![0],
        b: pairs[i]![1],
        masked: part,
      })),
      segments: masked.segments.map((part, i) => {
        const { channel, lead, unit, startMicros, rateMilliHz, gain, baseline, count } =
          segments[i]!;
        return { channel, lead, unit, startMicros, rateMilliHz, gain, baseline, count, ...part };
      }),
    });
    return this.record({ kind: KIND.frame, bytes });
  }

  /** One increment: how many of these readings (in the unit) fell into each bin of the window. */
  bins(
    number: number,
    name: string,
    window: number,
    readings: readonly number[],
    counter = (this.#binsCounters.get(number) ?? 0) + 1,
  ): this {
    const vital = findVital(name)!;
    const counts = new Array<number>(binCount(vital)).fill(0);
    for (const reading of readings) counts[binOf(vital, toFixedPoint(vital, reading))]! += 1;
    return this.counts(number, vital.code, window, counts, readings.length, counter);
  }

  /** The same of counts as they are, of any number of bins. */
  counts(
    number: number,
    vital: number,
    window: number,
    counts: readonly number[],
    readings: number,
    counter: number,
  ): this {
    this.#binsCounters.set(number, counter);
    const masked = splitCounts(this.#keys!, this.#names.get(number)!, counter, counts);
    const bins = { stay: number, counter, vital, window, readings, masked };
    return this.record({ kind: KIND.bins, bytes: encodeMaskedBins(bins) });
  }

  record(record: LogRecord): this {
    this.#records.push(record);
    return this;
  }

  /** One batch of what gathered. Returns the position behind it. */
  commit(): number {
    this.append(this.run, this.#records, this.#bodyKey);
    this.#records = [];
    return this.position;
  }

  /** Any batch, for logs that are not as they should be. */
  append(
    run: number,
    records: readonly LogRecord[],
    key: Uint8Array | null,
    sign: (message: Uint8Array) => Uint8Array = this.#sign,
  ): void {
    const { position } = this;
    const time = this.created + position;
    const header = { run, position, time, previous: this.#hash };
    const { bytes, hash } = encodeBatch(header, records, key, sign);
    this.batches.push({ position, bytes, hash });
    this.position += records.length;
    this.#hash = hash;
  }

  /** Its head, signed by the gateway [PROTO-40]. */
  signedHead(time: number): SignedHead {
    const head = { log: this.name, position: this.position, hash: toBase64Url(this.hash), time };
    return signHead(this.world.configDigest, head, this.#sign);
  }

  /** All batches from `from` on; null where none starts there. */
  bytesFrom(from: number): Uint8Array | null {
    if (from === this.position) return new Uint8Array(0);
    const index = this.batches.findIndex(({ position }) => position === from);
    if (index < 0) return null;
    return new Uint8Array(Buffer.concat(this.batches.slice(index).map(({ bytes }) => bytes)));
  }

  /** [SHARE-10] where products of shares could not be opened. */
  #pairs(columns: number): [number, number][] {
    const { servers, threshold } = this.world.configuration;
    if (2 * threshold <= servers - 1) return [];
    return Array.from({ length: columns }, (_, a) =>
      Array.from({ length: columns - a }, (_, i): [number, number] => [a, a + i]),
    ).flat();
  }
}

/** Servers that have applied everything of these logs, each on a store of its own. */
export function appliers(
  world: TestWorld,
  logs: readonly TestLog[],
  makeStore: () => Store = () => new MemoryStore(),
): Applier[] {
  return world.dataServers.map((party) => {
    const applier = new Applier(party, makeStore());
    for (const log of logs) applyLog(applier, log);
    return applier;
  });
}

/** Applies what the server has not applied yet. */
export function applyLog(applier: Applier, log: TestLog): void {
  const verify = verifier(applier.party.configuration.gateway.sign);
  const reader = new BatchReader({ head: applier.headOf(log.name), verify });
  const bytes = log.bytesFrom(reader.head.position);
  if (!bytes) throw new Error(`no batch starts at ${reader.head.position}`);
  for (const batch of reader.push(bytes)) applier.apply(log.name, batch);
  reader.end();
}

/** `GET /logs` and `GET /log/<log>` over these logs; an empty reply takes a moment. */
export function logHost(
  logs: readonly TestLog[],
  clock: () => number = Date.now,
): typeof globalThis.fetch {
  return async (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.pathname === '/logs') {
      return Response.json(
        logs.map((log) => {
          const { log: name, position, hash, time, signature } = log.signedHead(clock());
          return { log: name, position, hash, time: log.created, signed: { time, signature } };
        }),
      );
    }
    const log = logs.find(({ name }) => url.pathname === `/log/${name}`);
    if (!log) return new Response(null, { status: 404 });
    const bytes = log.bytesFrom(Number(url.searchParams.get('from')));
    if (!bytes) return new Response(null, { status: 409 });
    const headers = { [HEAD_HEADER]: headLine(log.signedHead(clock())) };
    if (bytes.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response(Buffer.from(bytes), { headers });
  };
}
