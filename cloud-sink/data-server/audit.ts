/**
 * One server's part of an audit: what it keeps, committed to and then combined under a challenge
 * (PROTOCOL.md, /audit).                                          [PROTO-26] [PROTO-27] [S9] [S20]
 *
 *   commitment     HMAC-SHA256(own key, query ‖ data ‖ SHA-256(shares))
 *   combination e  Σ_q c_{e,q} · share_q + a share of a random value
 *
 * Elements are, for each vital as asked and then each pair a ≤ b of them where products are columns:
 * the cells of each stay by rising name, by rising second. A combination alone would open to
 * Σ c·x at t + 1 servers, for one cell the reading; the random value, bound to all that decides the
 * combination, leaves nothing but whether the answers fit one polynomial.
 */
import { createHash } from 'node:crypto';
import { fieldVector, P } from '@vitalshare/edge/field';
import {
  concatBytes,
  fromBase64Url,
  hkdfExtract,
  hmacSha256,
  sha256,
  toBase64Url,
  utf8,
} from '@vitalshare/edge/seal';
import { auditCoefficients, randomShares } from '@vitalshare/edge/sharing/random';
import { findVital } from '@vitalshare/edge/vital';
import { type AuditAnswer, type AuditQuery, challengeOf, COMBINATIONS } from '../messages/audit.ts';
import { canonicalDigest } from '../messages/canonical.ts';
import { ProblemError } from '../messages/problem.ts';
import type { Applier } from './apply.ts';
import { type AuditedCells, cellsOfColumn } from './audit-cells.ts';
import { CHUNK_SECONDS, PLANE_BYTES } from './chunk.ts';
import { chooseCohort, scanParts } from './cohort.ts';
import { elementOf, MomentsKernel } from './moments-kernel.ts';
import { Leaves, RowsDigest } from './rows-digest.ts';
import type { ServerParty } from './runs.ts';

/** The snapshot must have been reached. Throws ProblemError. */
export async function answerAudit(
  applier: Applier,
  query: AuditQuery,
  askerKeyId: string,
  breathe: () => Promise<void>,
): Promise<AuditAnswer> {
  const { party } = applier;
  const { commitments, ...question } = query;
  const challenge = commitments === undefined ? undefined : challengeOf(query);
  const { data, count, shares, combined } = await combineShares(applier, query, challenge, breathe);
  const committed = concatBytes(canonicalDigest(question), data, shares);
  const commitment = toBase64Url(hmacSha256(commitmentKey(party), committed));
  const digest = canonicalDigest(query);
  if (commitments !== undefined && commitments[party.server] !== commitment) {
    throw new ProblemError(
      'bad-request',
      'commitments must hold what this server committed to for the same question',
    );
  }
  return {
    server: party.server,
    generation: party.configuration.generation,
    config: party.configDigest,
    query: toBase64Url(digest),
    data: toBase64Url(data),
    count,
    commitment,
    combinations: masked(party, combined, auditBinding(party, digest, data, askerKeyId)),
  };
}

export interface Combined {
  /** SHA-256 of which cells are covered, as [PROTO-16] column by column. */
  readonly data: Uint8Array;
  readonly count: number;
  /** SHA-256 of the shares, as u64 words in element order. */
  readonly shares: Uint8Array;
  /** Unmasked, one a combination; empty without a challenge. */
  readonly combined: readonly bigint[];
}

/** Shares of a cohort, digested and, under a challenge, combined. Never leaves the server unmasked. */
export async function combineShares(
  { books, columns, hashes, party }: Applier,
  query: AuditQuery,
  challenge: Uint8Array | undefined,
  breathe: () => Promise<void>,
): Promise<Combined> {
  const { servers, threshold } = party.configuration;
  const members = chooseCohort(books, query.asOf, query.where, query.stays);
  const logs = hashes.asOf(query.asOf);
  const vitals = query.vitals.map((name) => findVital(name)!.code);
  const range = { from: query.from ?? 0, to: query.to ?? 2 ** 32 };
  const work = new Combining(challenge);
  const leaves = new Leaves();
  const data = createHash('sha256');
  for (const column of columnsOf(vitals, 2 * threshold > servers - 1)) {
    const digest = new RowsDigest(logs, column, (algorithm) => createHash(algorithm));
    for (const member of members) {
      const parts = scanParts(member);
      let rows = 0;
      digest.begin();
      for (const cells of cellsOfColumn(columns, parts, column, range)) {
        const { startSecond, used, origins } = cells;
        const { leaves: into, at } = digest.next();
        origins.forEach(({ stretches, mask }, i) => {
          const leaf = leaves.leaf(startSecond, stretches, used, mask.equals(used), parts);
          new Uint8Array(into[i]!.buffer).set(leaf, 4 * at);
        });
        work.add(cells);
        rows += cells.rows;
        await breathe();
      }
      if (rows > 0) digest.end(member.stay, rows);
    }
    data.update(digest.finish());
  }
  return { data: new Uint8Array(data.digest()), ...work.finish() };
}

/** Each vital by itself, then each pair that has columns of products [SHARE-10]. */
function columnsOf(vitals: readonly number[], products: boolean): number[][] {
  const singles = vitals.map((vital) => [vital]);
  if (!products) return singles;
  const rising = [...vitals].sort((a, b) => a - b);
  const pairs = rising.flatMap((a, i) => rising.slice(i).map((b) => [a, b]));
  return [...singles, ...pairs];
}

class Combining {
  readonly #challenge: Uint8Array | undefined;
  readonly #shares = createHash('sha256');
  readonly #coefficients = fieldVector(CHUNK_SECONDS);
  readonly #combined: bigint[];
  #count = 0;

  constructor(challenge: Uint8Array | undefined) {
    this.#challenge = challenge;
    this.#combined = new Array<bigint>(challenge ? COMBINATIONS : 0).fill(0n);
  }

  add({ words, rows }: AuditedCells): void {
    this.#shares.update(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
    if (this.#challenge) this.#combine(this.#challenge, words, rows);
    this.#count += rows;
  }

  #combine(challenge: Uint8Array, words: Uint32Array, rows: number): void {
    const coefficients = this.#coefficients.subarray(0, 2 * rows);
    kernel ??= new MomentsKernel();
    setColumn(kernel, 0, words, rows);
    for (let e = 0; e < COMBINATIONS; e++) {
      auditCoefficients(challenge, e, this.#count, coefficients);
      setColumn(kernel, 1, coefficients, rows);
      // Two sums, then the products (0,0), (0,1), (1,1), two words each.
      const moments = kernel.ofChunk(2, rows, 2);
      this.#combined[e] = (this.#combined[e]! + elementOf(moments[6]!, moments[7]!)) % P;
    }
  }

  finish() {
    const shares = new Uint8Array(this.#shares.digest());
    return { count: this.#count, shares, combined: this.#combined };
  }
}

let kernel: MomentsKernel | undefined;

/** Words side by side into the two planes of a column. */
function setColumn(own: MomentsKernel, column: number, words: Uint32Array, rows: number): void {
  const { buffer, byteOffset } = own.planes(column);
  const [lows, highs] = [0, PLANE_BYTES].map(
    (plane) => new Uint32Array(buffer, byteOffset + plane, CHUNK_SECONDS),
  );
  for (let i = 0; i < rows; i++) {
    lows![i] = words[2 * i]!;
    highs![i] = words[2 * i + 1]!;
  }
}

function masked(party: ServerParty, combined: readonly bigint[], binding: Uint8Array): bigint[] {
  const { configuration, server, keys } = party;
  const masks = randomShares(configuration, server, keys.zero, binding, combined.length);
  return combined.map((sum, e) => (sum + masks[e]!) % P);
}

/** [PROTO-27] The query holds the commitments, and with them the challenge and the coefficients. */
export function auditBinding(
  { configDigest, configuration }: Pick<ServerParty, 'configDigest' | 'configuration'>,
  query: Uint8Array,
  data: Uint8Array,
  askerKeyId: string,
): Uint8Array {
  const generation = new Uint8Array(4);
  new DataView(generation.buffer).setUint32(0, configuration.generation, true);
  const config = fromBase64Url(configDigest, 32);
  const asker = fromBase64Url(askerKeyId, 16);
  return sha256(concatBytes(utf8('vitalshare audit 1'), config, generation, query, data, asker));
}

/**
 * [PROTO-26] Of all its zero-share keys, one of which t other servers do not have: without a key the
 * commitment to one cell could be tried against every reading by t servers, who know the line it is on.
 */
const commitmentKey = ({ keys }: ServerParty): Uint8Array =>
  hkdfExtract(
    utf8('vitalshare audit commitment 1'),
    concatBytes(...[...keys.zero].sort(([a], [b]) => a - b).map(([, key]) => key)),
  );
