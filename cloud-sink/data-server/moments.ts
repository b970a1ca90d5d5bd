/**
 * Moments over shares as of a snapshot: count, Σ x_a, Σ x_a·x_b (PROTOCOL.md, /moments).
 *
 * Sums of shares are shares of sums. A product of two shares lies on a polynomial of degree 2t and
 * is not safe to hand out before `answer-moments.ts` has masked it; where 2t > n − 1 the products
 * come from product columns, of degree t [SHARE-10].
 *
 * `data` digests the logs' content and exactly the cells used [PROTO-16]; it is computed in the same
 * pass.
 */
import { createHash } from 'node:crypto';
import { fromHex } from '@vitalshare/edge/seal';
import { P } from '@vitalshare/edge/field';
import { ProblemError } from '../messages/problem.ts';
import type { LogAsOf } from './batch-hashes.ts';
import { Cells, commonChunks } from './cells.ts';
import { CHUNK_SECONDS } from './chunk.ts';
import type { Member } from './cohort.ts';
import type { Columns } from './columns.ts';
import { isPresent } from '../messages/presence.ts';
import { cutLimbs, type Limbs, makeLimbs, sumLimbs, sumProducts } from './limbs.ts';
import { RowsDigest } from './rows-digest.ts';

export interface MomentsPlan {
  /** Of the snapshot, by rising id: what binds the content [PROTO-16]. */
  readonly logs: readonly LogAsOf[];
  readonly members: readonly Member[];
  /** Vital codes as asked. */
  readonly vitals: readonly number[];
  readonly degree: 0 | 1 | 2;
  /** UTC seconds: from ≤ second < to. */
  readonly from: number;
  readonly to: number;
  /** Products from product columns instead of products of shares. */
  readonly productColumns: boolean;
}

/** This server's shares of the moments, unmasked. */
export interface Moments {
  readonly count: number;
  /** Distinct tags of the stays that have rows. */
  readonly patients: number;
  readonly sums: bigint[];
  readonly products: bigint[];
  /** What each member with rows adds to `count` and `sums`; empty sums at degree 0. */
  readonly members: readonly MemberSums[];
  /** SHA-256 of [PROTO-16]. */
  readonly data: Uint8Array;
}

export interface MemberSums {
  readonly member: Member;
  readonly rows: number;
  readonly sums: readonly bigint[];
}

/** Chunks computed between two breaths: some 5 ms, so other requests are not kept waiting. */
const CHUNKS_A_BREATH = 32;

/** `breathe` lets other work of the process go on. Throws ProblemError `products-across-frames`. */
export async function computeMoments(
  columns: Columns,
  plan: MomentsPlan,
  breathe: () => Promise<void>,
): Promise<Moments> {
  const { members, vitals, from, to } = plan;
  const work = new MomentsWork(columns, plan);
  let chunks = 0;
  for (const member of members) {
    work.begin(member);
    for (const number of commonChunks(columns, member, vitals, from, to)) {
      work.add(member, number);
      if (++chunks % CHUNKS_A_BREATH === 0) await breathe();
    }
    work.end(member);
  }
  return work.finish();
}

/** Scratch arrays and running totals of one question. */
class MomentsWork {
  readonly #columns: Columns;
  readonly #plan: MomentsPlan;
  readonly #cells: Cells[];
  readonly #limbs: Limbs[];
  readonly #slots = new Uint16Array(CHUNK_SECONDS);
  readonly #tags = new Set<string>();
  readonly #sums: bigint[];
  readonly #products: bigint[];
  readonly #digest: RowsDigest;
  readonly #members: MemberSums[] = [];
  #count = 0;
  #rowsOfMember = 0;
  #sumsBefore: readonly bigint[] = [];

  constructor(columns: Columns, plan: MomentsPlan) {
    const { logs, vitals, degree } = plan;
    const k = vitals.length;
    this.#columns = columns;
    this.#plan = plan;
    this.#cells = vitals.map(() => new Cells());
    this.#limbs = vitals.map(() => makeLimbs(CHUNK_SECONDS));
    this.#sums = new Array<bigint>(degree >= 1 ? k : 0).fill(0n);
    this.#products = new Array<bigint>(degree === 2 ? (k * (k + 1)) / 2 : 0).fill(0n);
    this.#digest = new RowsDigest(logs, vitals, (algorithm) => createHash(algorithm));
  }

  begin(member: Member): void {
    this.#rowsOfMember = 0;
    this.#sumsBefore = [...this.#sums];
    this.#digest.begin(member.parts.map(({ log }) => fromHex(log.log, 16)));
  }

  add(member: Member, number: number): void {
    const { vitals, degree, productColumns } = this.#plan;
    vitals.forEach((vital, i) => this.#cells[i]!.load(this.#columns, member, vital, number));
    const rows = this.#selectRows(number);
    if (rows === 0) return;
    this.#count += rows;
    this.#rowsOfMember += rows;
    this.#digest.add(number * CHUNK_SECONDS, this.#slots, rows, this.#cells);
    if (degree === 0) return;
    this.#cells.forEach(({ words }, i) => cutLimbs(words, this.#slots, rows, this.#limbs[i]!));
    this.#limbs.forEach((limbs, i) => {
      this.#sums[i] = (this.#sums[i]! + sumLimbs(limbs, rows)) % P;
    });
    if (degree === 1) return;
    let m = 0;
    for (let a = 0; a < vitals.length; a++) {
      for (let b = a; b < vitals.length; b++) {
        const sum = productColumns
          ? this.#productColumn(member, number, rows, a, b)
          : sumProducts(this.#limbs[a]!, this.#limbs[b]!, rows);
        this.#products[m] = (this.#products[m]! + sum) % P;
        m++;
      }
    }
  }

  end(member: Member): void {
    if (this.#rowsOfMember === 0) return;
    this.#tags.add(member.version.tag);
    const sums = this.#sums.map((sum, i) => (sum - this.#sumsBefore[i]! + P) % P);
    this.#members.push({ member, rows: this.#rowsOfMember, sums });
    this.#digest.end(member.stay, this.#rowsOfMember);
  }

  finish(): Moments {
    return {
      count: this.#count,
      patients: this.#tags.size,
      sums: this.#sums,
      products: this.#products,
      members: this.#members,
      data: this.#digest.finish(),
    };
  }

  /** Slots where every vital sign has a reading, within the time asked for. */
  #selectRows(number: number): number {
    const start = number * CHUNK_SECONDS;
    const first = Math.max(0, this.#plan.from - start);
    const last = Math.min(CHUNK_SECONDS, this.#plan.to - start);
    let rows = 0;
    for (let slot = first; slot < last; slot++) {
      if (this.#cells.every(({ positions }) => positions[slot]! >= 0)) this.#slots[rows++] = slot;
    }
    return rows;
  }

  /**
   * Σ x·y from the product columns. A row counts only if both cells came from the same frame
   * [PROTO-9]; the column then has it, for the frame wrote all three at once.
   */
  #productColumn(member: Member, number: number, rows: number, a: number, b: number): bigint {
    const [cellsA, cellsB] = [this.#cells[a]!, this.#cells[b]!];
    const vitals = [this.#plan.vitals[a]!, this.#plan.vitals[b]!].sort((x, y) => x - y);
    const chunks = member.parts.map(({ state }) =>
      this.#columns.read({ log: state.log, stay: state.number, vitals }, number),
    );
    let low = 0;
    let high = 0;
    for (let i = 0; i < rows; i++) {
      const slot = this.#slots[i]!;
      const part = cellsA.parts[slot]!;
      const chunk = chunks[part];
      const isOneFrame =
        part === cellsB.parts[slot] && cellsA.positions[slot] === cellsB.positions[slot];
      if (!isOneFrame || !chunk || !isPresent(chunk.presence, slot)) {
        throw new ProblemError(
          'products-across-frames',
          'some row has both vital signs, but from different frames; with this many servers ' +
            'products exist within a frame only',
        );
      }
      low += chunk.words[2 * slot]!;
      high += chunk.words[2 * slot + 1]!;
    }
    return (BigInt(low) + (BigInt(high) << 31n)) % P;
  }
}
