/**
 * Data servers for the reader's tests, in one process and behind `fetch`: real splitting, deriving,
 * shares of zero, signatures and sealing, over plain arrays instead of a log and a store.
 *
 * They can do what real servers must not: be down, be behind, and lie. A lie is told about the
 * answer's body before it is signed, so it is well formed and the server's own.
 */
import { randomBytes } from 'node:crypto';
import { elementCount, type FieldVector, getBigInt, P } from '@vitalshare/edge/field';
import { fieldVector, setBigInt, writeElements } from '@vitalshare/edge/field';
import { type Identity, keyId, makeIdentity } from '@vitalshare/edge/identity/node';
import { publicOf, type Role, sign, verify } from '@vitalshare/edge/identity/node';
import { configDigest, type Configuration } from '@vitalshare/edge/keys';
import { sha256, toBase64Url, toHex, utf8 } from '@vitalshare/edge/seal';
import { MaskKeys, maskRoot, setsOf, setsOfServer, USE } from '@vitalshare/edge/sharing';
import { deriveShares, grantBytes } from '@vitalshare/edge/sharing/derive';
import { grantCommit, grantElements } from '@vitalshare/edge/sharing/derive';
import { splitFrame } from '@vitalshare/edge/sharing/split';
import { zeroKey, zeroShares } from '@vitalshare/edge/sharing/zero';
import { findVital, findWaveform, type Lead, LEADS } from '@vitalshare/edge/vital';
import {
  type Catalogue,
  type CatalogueStay,
  columnHeader,
  encodeCatalogue,
  encodeHistory,
  encodeMomentsAnswer,
  type HistoryAnswer,
  type HistoryPart,
  type HistoryQuery,
  type MomentsAnswer,
  type MomentsQuery,
  parseHistoryQuery,
  parseMomentsQuery,
  presenceOf,
  PROBLEM_TYPE,
  ProblemError,
  problemJson,
  queryDigest,
  sealAnswer,
  segmentHeader,
  verifyRequest,
} from '../messages/messages.ts';
import { productIndex } from './statistics.ts';
import type { ReaderParty } from './party.ts';
import { platform, type Surroundings } from './surroundings.ts';

const bytes = (count: number): Uint8Array => new Uint8Array(randomBytes(count));

export interface Column {
  readonly vital: string;
  /** UTC second of row 0. */
  readonly start: number;
  /** Fixed-point; null is absent. */
  readonly values: readonly (number | null)[];
}

export interface Segment {
  readonly channel: string;
  readonly lead?: Lead;
  readonly startMicros: number;
  readonly rateMilliHz: number;
  readonly samples: Int16Array;
  readonly gain?: number;
  readonly baseline?: number;
}

export interface Lies {
  moments?: (answer: MomentsAnswer) => MomentsAnswer;
  history?: (answer: HistoryAnswer) => HistoryAnswer;
  catalogue?: (answer: Catalogue) => Catalogue;
  head?: (position: number) => number;
}

interface Frame {
  readonly position: number;
  readonly stay: string;
  readonly counter: number;
  readonly columns: readonly Column[];
  readonly segments: readonly Segment[];
  readonly masked: ReturnType<typeof splitFrame>;
}

const presentOf = (column: Column): number[] =>
  column.values.filter((value): value is number => value !== null);

const headerOfColumn = ({ vital, start, values }: Column): Uint8Array =>
  columnHeader({
    vital: findVital(vital)!.code,
    start,
    rows: values.length,
    presence: presenceOf(
      values.length,
      values.flatMap((value, i) => (value === null ? [] : [i])),
    ),
  });

const headerOfSegment = (segment: Segment): Uint8Array =>
  segmentHeader({
    channel: findWaveform(segment.channel)!.code,
    lead: LEADS.indexOf(segment.lead ?? ''),
    unit: 1,
    startMicros: segment.startMicros,
    rateMilliHz: segment.rateMilliHz,
    gain: segment.gain ?? 200,
    baseline: segment.baseline ?? 0,
    count: segment.samples.length,
  });

function plaintextOf(samples: Int16Array): Uint8Array {
  const plain = new Uint8Array(2 + 2 * samples.length);
  plain[1] = 4;
  const view = new DataView(plain.buffer);
  samples.forEach((sample, i) => view.setInt16(2 + 2 * i, sample, true));
  return plain;
}

const endMicros = (segment: Segment): number =>
  segment.startMicros + Math.round((segment.samples.length * 1e9) / segment.rateMilliHz);

/** One world: its configuration, one log, n servers behind `fetch`. */
export class TestServers {
  readonly configuration: Configuration;
  readonly researcher: ReaderParty;
  readonly physician: ReaderParty;
  readonly world: Surroundings;
  readonly lies = new Map<number, Lies>();
  readonly down = new Set<number>();
  /** Server → records it has not got. */
  readonly behind = new Map<number, number>();
  readonly asked: { server: number; path: string; body: string }[] = [];
  readonly labels = new Map<string, Record<string, string>>();
  gatewayDown = false;
  partsPerPage = 3;

  readonly #identities: Identity[];
  readonly #log = bytes(16);
  readonly #all: MaskKeys;
  readonly #keys: MaskKeys[];
  readonly #zero: Map<number, Uint8Array>[];
  readonly #frames: Frame[] = [];
  readonly #counters = new Map<string, number>();

  constructor(servers: number, threshold: number, minimumCohort = 1) {
    const make = (name: string, role: Role): Identity => makeIdentity(name, role, bytes);
    const gateway = make('ward', 'gateway');
    const researcher = make('ada', 'researcher');
    const physician = make('basil', 'physician');
    this.#identities = Array.from({ length: servers }, (_, i) => make(`s${i + 1}`, 'data-server'));
    this.configuration = {
      vitalshare: 'configuration',
      version: 1,
      world: toBase64Url(bytes(16)),
      servers,
      threshold,
      generation: 1,
      minimumCohort,
      gateway: publicOf(gateway),
      dataServers: this.#identities.map(publicOf),
      researchers: [publicOf(researcher)],
      physicians: [publicOf(physician)],
    };
    const addresses = {
      gateway: 'http://gateway.test',
      dataServers: this.#identities.map((_, i) => `http://server-${i + 1}.test`),
    };
    const digest = configDigest(this.configuration);
    const base = { configuration: this.configuration, configDigest: digest, addresses };
    this.researcher = { identity: researcher, ...base };
    this.physician = { identity: physician, ...base };
    const masks = setsOf(this.configuration);
    const roots = new Map(masks.map((mask) => [mask, maskRoot(bytes(32), bytes(32))]));
    const zeros = new Map(masks.map((mask) => [mask, zeroKey([bytes(32)])]));
    const context = { log: this.#log, epoch: 1, run: 1, generation: 1 };
    const own = <T>(server: number, map: Map<number, T>): Map<number, T> =>
      new Map(setsOfServer(this.configuration, server).map((mask) => [mask, map.get(mask)!]));
    this.#all = new MaskKeys(this.configuration, context, roots);
    this.#keys = this.#identities.map(
      (_, i) => new MaskKeys(this.configuration, context, own(i + 1, roots)),
    );
    this.#zero = this.#identities.map((_, i) => own(i + 1, zeros));
    this.world = {
      ...platform,
      sign,
      verify,
      fetch: (url, init) => this.#fetch(url as URL, init ?? {}),
    };
  }

  get logId(): string {
    return toHex(this.#log);
  }

  /** Records: a genesis, a run and a stay record stand before the frames. */
  get position(): number {
    return 3 + this.#frames.length;
  }

  append(stay: string, columns: readonly Column[], segments: readonly Segment[] = []): void {
    const counter = (this.#counters.get(stay) ?? 0) + 1;
    this.#counters.set(stay, counter);
    const masked = splitFrame(this.#all, stay, counter, {
      columns: columns.map((column) => ({
        header: headerOfColumn(column),
        values: Int32Array.from(presentOf(column)),
      })),
      products: this.#productColumns ? productsOf(columns).map(({ values }) => values) : [],
      segments: segments.map((segment) => ({
        header: headerOfSegment(segment),
        plaintext: plaintextOf(segment.samples),
      })),
    });
    this.#frames.push({ position: this.position, stay, counter, columns, segments, masked });
  }

  get #productColumns(): boolean {
    return 2 * this.configuration.threshold > this.configuration.servers - 1;
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    await Promise.resolve();
    if (init.signal?.aborted === true) throw init.signal.reason;
    if (url.hostname === 'gateway.test') return this.#gateway();
    const server = Number(/^server-(\d+)\.test$/.exec(url.hostname)![1]);
    if (this.down.has(server)) {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
      });
    }
    if (url.pathname === '/head') return Response.json(this.#head(server));
    const body = init.body as Uint8Array;
    const headers = init.headers as Record<string, string>;
    this.asked.push({ server, path: url.pathname, body: new TextDecoder().decode(body) });
    const { configuration } = this;
    const people = [...configuration.researchers, ...configuration.physicians];
    const identity = this.#identities[server - 1]!;
    const { keyId: asker } = verifyRequest({
      method: init.method!,
      path: url.pathname,
      body,
      headers,
      server: keyId(identity),
      nowMs: this.world.clock(),
      keyOf: (id) => people.find((person) => keyId(person) === id)?.sign,
      verify,
    });
    try {
      const answer = this.#answer(server, url.pathname, body, asker);
      const to = people.find((person) => keyId(person) === asker)!;
      const request = { signature: headers['signature']!, body };
      const sealed = sealAnswer(to, request, answer, (m) => sign(identity, m), bytes);
      return new Response(new Uint8Array(sealed));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const type = { 'content-type': PROBLEM_TYPE };
      return Response.json(problemJson(error), { status: error.status, headers: type });
    }
  }

  #gateway(): Response {
    if (this.gatewayDown) throw new TypeError('fetch failed');
    const head = { log: this.logId, position: this.position, time: 0 };
    return Response.json([{ ...head, hash: toBase64Url(new Uint8Array(32)) }]);
  }

  #head(server: number): object {
    const position = this.position - (this.behind.get(server) ?? 0);
    const told = this.lies.get(server)?.head?.(position) ?? position;
    return {
      server,
      config: configDigest(this.configuration),
      heads: { [this.logId]: { position: told, hash: toBase64Url(new Uint8Array(32)) } },
      epoch: 1,
    };
  }

  #answer(server: number, path: string, body: Uint8Array, asker: string): Uint8Array {
    const lies = this.lies.get(server) ?? {};
    const same = <T>(answer: T): T => answer;
    if (path === '/moments') {
      const answer = this.#moments(server, parseMomentsQuery(body), asker);
      return encodeMomentsAnswer((lies.moments ?? same)(answer));
    }
    if (path === '/history') {
      const answer = this.#history(server, parseHistoryQuery(body));
      return encodeHistory((lies.history ?? same)(answer));
    }
    const heads = { [this.logId]: this.position - (this.behind.get(server) ?? 0) };
    return encodeCatalogue((lies.catalogue ?? same)({ heads, stays: this.#stays() }));
  }

  #stays(): CatalogueStay[] {
    const names = [...new Set(this.#frames.map(({ stay }) => stay))].sort();
    return names.map((stay) => {
      const vitals = new Map<string, Set<number>>();
      const waveforms = new Map<
        string,
        { channel: string; lead: string; from: number; to: number }
      >();
      for (const frame of this.#frames.filter((each) => each.stay === stay)) {
        for (const { vital, start, values } of frame.columns) {
          const seconds = vitals.get(vital) ?? new Set();
          vitals.set(vital, seconds);
          values.forEach((value, i) => value !== null && seconds.add(start + i));
        }
        for (const segment of frame.segments) {
          const { channel, lead = '', startMicros } = segment;
          const held = waveforms.get(`${channel} ${lead}`);
          waveforms.set(`${channel} ${lead}`, {
            channel,
            lead,
            from: Math.min(held?.from ?? Infinity, startMicros),
            to: Math.max(held?.to ?? 0, endMicros(segment)),
          });
        }
      }
      return {
        stay,
        tag: `tag-${stay}`,
        admitted: true,
        labels: this.labels.get(stay) ?? {},
        vitals: Object.fromEntries(
          [...vitals].map(([name, seconds]) => [
            name,
            { rows: seconds.size, from: Math.min(...seconds), to: Math.max(...seconds) + 1 },
          ]),
        ),
        waveforms: [...waveforms.values()],
      };
    });
  }

  #moments(server: number, query: MomentsQuery, asker: string): MomentsAnswer {
    const { configuration } = this;
    if ((query.asOf[this.logId] ?? 0) > this.position - (this.behind.get(server) ?? 0)) {
      throw new ProblemError('behind', 'the log position asked for did not arrive');
    }
    const rows = this.#rows(server, query);
    const patients = new Set(rows.map(({ stay }) => stay)).size;
    if (patients < configuration.minimumCohort) {
      const numbers = { patients, minimum: configuration.minimumCohort };
      throw new ProblemError(
        'cohort-too-small',
        `${patients} patients have such rows, at least ${configuration.minimumCohort} are needed`,
        numbers,
      );
    }
    const k = query.vitals.length;
    const sums = Array.from({ length: query.degree === 0 ? 0 : k }, () => 0n);
    const products = Array.from({ length: query.degree === 2 ? (k * (k + 1)) / 2 : 0 }, () => 0n);
    for (const { shares, productShares } of rows) {
      sums.forEach((sum, a) => (sums[a] = (sum + shares[a]!) % P));
      if (query.degree < 2) continue;
      for (let a = 0; a < k; a++) {
        for (let b = a; b < k; b++) {
          const term = productShares?.(a, b) ?? shares[a]! * shares[b]!;
          const m = productIndex(a, b, k);
          products[m] = (products[m]! + term) % P;
        }
      }
    }
    const cells = utf8(rows.map(({ stay, second }) => `${stay} ${second}`).join('\n'));
    const data = sha256(cells);
    const digest = queryDigest(query);
    if (!this.#productColumns) {
      const binding = sha256(new Uint8Array([...digest, ...data, ...utf8(asker)]));
      const zeros = zeroShares(
        configuration,
        server,
        this.#zero[server - 1]!,
        binding,
        products.length,
      );
      products.forEach((product, m) => (products[m] = (product + zeros[m]!) % P));
    }
    return {
      server,
      generation: 1,
      config: configDigest(configuration),
      query: toBase64Url(digest),
      data: toBase64Url(data),
      asOf: query.asOf,
      count: rows.length,
      patients,
      sums,
      products,
    };
  }

  #rows(server: number, query: MomentsQuery): Row[] {
    const keys = this.#keys[server - 1]!;
    const cells = new Map<string, { share: bigint; frame: Frame; column: number }>();
    const productCells = new Map<string, bigint>();
    for (const frame of this.#frames) {
      if (frame.position >= (query.asOf[this.logId] ?? 0)) break;
      const { stay, counter, masked } = frame;
      const vectors = masked.columns.map((column) => column.masked);
      const shares = deriveShares(keys, server, USE.numeric, stay, counter, joined(vectors));
      let at = 0;
      frame.columns.forEach(({ vital, start, values }, column) => {
        values.forEach((value, i) => {
          if (value === null) return;
          const key = `${stay} ${vital} ${start + i}`;
          if (!cells.has(key)) cells.set(key, { share: getBigInt(shares, at), frame, column });
          at++;
        });
      });
      if (masked.products.length === 0) continue;
      const taken = deriveShares(keys, server, USE.product, stay, counter, joined(masked.products));
      let next = 0;
      for (const { a, b, seconds } of productsOf(frame.columns)) {
        for (const second of seconds) {
          productCells.set(`${frame.position} ${a} ${b} ${second}`, getBigInt(taken, next++));
        }
      }
    }
    const first = query.vitals[0]!;
    const rows: Row[] = [];
    for (const key of cells.keys()) {
      const [stay, vital, text] = key.split(' ') as [string, string, string];
      const second = Number(text);
      const labels = this.labels.get(stay) ?? {};
      const asked =
        vital === first &&
        second >= (query.from ?? 0) &&
        second < (query.to ?? Infinity) &&
        (query.stays?.includes(stay) ?? true) &&
        Object.entries(query.where).every(([name, value]) => labels[name] === value);
      if (!asked) continue;
      const row = query.vitals.map((name) => cells.get(`${stay} ${name} ${second}`));
      if (row.some((cell) => cell === undefined)) continue;
      rows.push({
        stay,
        second,
        shares: row.map((cell) => cell!.share),
        productShares: this.#productColumns
          ? (a, b) => {
              const [x, y] = [row[a]!, row[b]!].sort((p, q) => p.column - q.column) as unknown as [
                Cell,
                Cell,
              ];
              const found = productCells.get(
                `${x.frame.position} ${x.column} ${y.column} ${second}`,
              );
              if (found !== undefined && x.frame === y.frame) return found;
              throw new ProblemError('products-across-frames', 'readings of different frames');
            }
          : undefined,
      });
    }
    return rows;
  }

  #history(server: number, query: HistoryQuery): HistoryAnswer {
    const keys = this.#keys[server - 1]!;
    const parts: { at: number; part: HistoryPart }[] = [];
    for (const frame of this.#frames) {
      if (frame.position >= (query.asOf[this.logId] ?? 0) || frame.stay !== query.stay) continue;
      const { stay, counter, masked } = frame;
      const add = (
        index: number,
        header: Uint8Array,
        own: { masked: Uint8Array; commitment: Uint8Array },
        span: readonly [number, number],
        grant: (mask: number) => Uint8Array,
      ): void => {
        if (span[1] <= (query.from ?? 0) || span[0] >= (query.to ?? Infinity)) return;
        const sets = keys.masks.map((mask) => ({
          mask,
          commit: grantCommit(keys, mask, stay, counter, index),
          keystream: grant(mask),
        }));
        const { position } = frame;
        parts.push({ at: span[0], part: { log: this.#log, position, header, ...own, sets } });
      };
      let element = 0;
      frame.columns.forEach((column, i) => {
        const count = presentOf(column).length;
        const first = element;
        element += count;
        if (column.vital !== query.channel) return;
        const span = [column.start * 1e6, (column.start + column.values.length) * 1e6] as const;
        const { masked: vector, commitment } = masked.columns[i]!;
        add(i, headerOfColumn(column), { masked: wordsOf(vector), commitment }, span, (mask) =>
          wordsOf(grantElements(keys, mask, stay, counter, first, count)),
        );
      });
      let byte = 0;
      frame.segments.forEach((segment, i) => {
        const { masked: own, commitment } = masked.segments[i]!;
        const first = byte;
        byte += own.length;
        if (segment.channel !== query.channel) return;
        if (query.lead !== undefined && query.lead !== (segment.lead ?? '')) return;
        const span = [segment.startMicros, endMicros(segment)] as const;
        const index = frame.columns.length + i;
        add(index, headerOfSegment(segment), { masked: own, commitment }, span, (mask) =>
          grantBytes(keys, mask, stay, counter, first, own.length),
        );
      });
    }
    parts.sort((a, b) => a.at - b.at || a.part.position - b.part.position);
    const from = query.after === undefined ? 0 : Number(query.after);
    const until = from + this.partsPerPage;
    const page = parts.slice(from, until).map(({ part }) => part);
    return { next: until < parts.length ? String(until) : '', parts: page };
  }
}

interface Cell {
  readonly frame: Frame;
  readonly column: number;
}

interface Row {
  readonly stay: string;
  readonly second: number;
  readonly shares: readonly bigint[];
  readonly productShares: ((a: number, b: number) => bigint) | undefined;
}

/** Product columns of one frame in the order of [SHARE-10]. */
function productsOf(
  columns: readonly Column[],
): { a: number; b: number; seconds: number[]; values: number[] }[] {
  return columns.flatMap((first, a) =>
    columns.slice(a).map((second, offset) => {
      const seconds: number[] = [];
      const values: number[] = [];
      first.values.forEach((x, i) => {
        const y = second.values[first.start + i - second.start] ?? null;
        if (x === null || y === null) return;
        seconds.push(first.start + i);
        values.push(x * y);
      });
      return { a, b: a + offset, seconds, values };
    }),
  );
}

function joined(vectors: readonly FieldVector[]): FieldVector {
  const all = fieldVector(vectors.reduce((sum, vector) => sum + elementCount(vector), 0));
  let at = 0;
  for (const vector of vectors) {
    for (let i = 0; i < elementCount(vector); i++) setBigInt(all, at++, getBigInt(vector, i));
  }
  return all;
}

function wordsOf(vector: FieldVector): Uint8Array {
  const out = new Uint8Array(8 * elementCount(vector));
  writeElements(vector, out, 0);
  return out;
}
