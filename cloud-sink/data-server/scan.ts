/**
 * The moments of one chunk of a stay, from its shares: the work behind an answer, in this process or
 * in a worker.
 *
 *   rows used = seconds asked for ∩ cells of every vital sign as of the snapshot
 *
 * Planes that hold anything else are zeroed there first: then sums and products need no mask.
 */
import { P } from '@vitalshare/edge/field';
import { Cells, type ChunkSource, type ScanPart } from './cells.ts';
import { CHUNK_SECONDS, PRESENCE_BYTES } from './chunk.ts';
import { FLAG, FLAGS, leafAt, NEWEST, productAt, recordWords, ROWS, SUMS } from './chunk-record.ts';
import { Mask } from './mask.ts';
import { elementOf, type MomentsKernel } from './moments-kernel.ts';
import { Leaves } from './rows-digest.ts';

/** What is asked of every chunk. */
export interface ScanPlan {
  /** Vital codes as asked. */
  readonly vitals: readonly number[];
  readonly degree: 0 | 1 | 2;
  /** UTC seconds: from ≤ second < to. */
  readonly from: number;
  readonly to: number;
  /** Products from product columns instead of products of shares [SHARE-10]. */
  readonly productColumns: boolean;
}

/** A chunk without rows used has none. */
const NO_LEAF = new Uint8Array(32);

export class Scan {
  readonly #source: ChunkSource;
  readonly #kernel: MomentsKernel;
  readonly #cells: Cells[] = [];
  readonly #used = new Mask();
  readonly #leaves = new Leaves();

  constructor(source: ChunkSource, kernel: MomentsKernel) {
    this.#source = source;
    this.#kernel = kernel;
  }

  /** Records of these chunks, one after the other (`chunk-record.ts`). */
  chunks(plan: ScanPlan, parts: readonly ScanPart[], numbers: readonly number[]): Uint32Array {
    const words = recordWords(plan.vitals.length);
    const records = new Uint32Array(words * numbers.length);
    numbers.forEach((number, i) => {
      this.#chunk(plan, parts, number, records.subarray(words * i, words * (i + 1)));
    });
    return records;
  }

  #chunk(plan: ScanPlan, parts: readonly ScanPart[], number: number, record: Uint32Array): void {
    const { vitals, degree } = plan;
    const k = vitals.length;
    const cells = vitals.map((vital, i) => {
      const each = (this.#cells[i] ??= new Cells());
      each.load(this.#source, parts, vital, number, this.#kernel.planes(i));
      return each;
    });
    const rows = this.#select(plan, number, cells);
    const isEqual = cells.every(({ mask }) => mask.equals(cells[0]!.mask));
    const isWhole = this.#isWhole(plan, parts, number, cells);
    record[ROWS] = rows;
    record[FLAGS] = (isWhole ? FLAG.whole : 0) | (isEqual ? FLAG.equal : 0);
    const newest = Math.max(...cells.map((each) => each.newest), 0);
    record[NEWEST] = newest % 2 ** 32;
    record[NEWEST + 1] = Math.floor(newest / 2 ** 32);
    const leaves = this.#leavesOf(number, cells, rows, parts);
    const bytes = new Uint8Array(record.buffer, record.byteOffset, record.byteLength);
    leaves.forEach((leaf, i) => bytes.set(leaf, 4 * leafAt(k, i)));

    // A summary is kept for every degree, where it is one pair.
    const wanted = isWhole && k <= 2 ? 2 : degree;
    record[FLAGS] |= wanted === 2 || rows === 0 ? FLAG.moments : 0;
    if (wanted === 0 || rows === 0) return;
    cells.forEach(({ held }, i) => {
      if (!held.equals(this.#used)) this.#kernel.keep(i, this.#used.bytes, CHUNK_SECONDS);
    });
    record.set(this.#kernel.ofChunk(k, CHUNK_SECONDS, wanted), SUMS);
    if (degree === 2 && plan.productColumns) {
      this.#fromProductColumns(plan, parts, number, record, leaves);
    }
  }

  /** Slots where every vital sign has a reading, within the time asked for. */
  #select({ from, to }: ScanPlan, number: number, cells: readonly Cells[]): number {
    const start = number * CHUNK_SECONDS;
    this.#used.setOnly(Math.max(0, from - start), Math.min(CHUNK_SECONDS, to - start));
    for (const { mask } of cells) this.#used.and(mask);
    return this.#used.count();
  }

  /** Vital signs that came in the same frames throughout have one leaf. */
  #leavesOf(
    number: number,
    cells: readonly Cells[],
    rows: number,
    parts: readonly ScanPart[],
  ): Uint8Array[] {
    const leaves: Uint8Array[] = [];
    cells.forEach(({ stretches, mask }, i) => {
      const twin = cells.findIndex((other, j) => j < i && other.stretches.equals(stretches));
      if (rows === 0) leaves.push(NO_LEAF);
      else if (twin >= 0) leaves.push(leaves[twin]!);
      else {
        const start = number * CHUNK_SECONDS;
        const isAll = mask.equals(this.#used);
        leaves.push(this.#leaves.leaf(start, stretches, this.#used, isAll, parts));
      }
    });
    return leaves;
  }

  /** [PROTO-21] Whether what is found may be kept. */
  #isWhole(
    { from, to }: ScanPlan,
    parts: readonly ScanPart[],
    number: number,
    cells: readonly Cells[],
  ): boolean {
    const start = number * CHUNK_SECONDS;
    const part = cells[0]!.part;
    return (
      from <= start &&
      to >= start + CHUNK_SECONDS &&
      part >= 0 &&
      cells.every((each) => each.part === part && each.newest < parts[part]!.before)
    );
  }

  /**
   * Σ x·y from the product columns. A row counts only if both cells came from the same frame
   * [PROTO-9], which is to say that the leaves are equal; the column then has it, for the frame wrote
   * all three at once [S18].
   */
  #fromProductColumns(
    { vitals }: ScanPlan,
    parts: readonly ScanPart[],
    number: number,
    record: Uint32Array,
    leaves: readonly Uint8Array[],
  ): void {
    const k = vitals.length;
    for (let a = 0; a < k; a++) {
      for (let b = a; b < k; b++) {
        const codes = [vitals[a]!, vitals[b]!].sort((x, y) => x - y);
        const isOneFrame = leaves[a]!.every((byte, i) => byte === leaves[b]![i]);
        const sum = isOneFrame ? this.#productColumn(parts, number, codes, a) : undefined;
        if (sum === undefined) record[FLAGS]! |= FLAG.acrossFrames;
        const at = productAt(k, a, b);
        record[at] = Number((sum ?? 0n) & 0x7fffffffn);
        record[at + 1] = Number((sum ?? 0n) >> 31n);
      }
    }
  }

  /** Over the rows used, part by part; undefined where one is missing. Overwrites column 0. */
  #productColumn(
    parts: readonly ScanPart[],
    number: number,
    vitals: readonly number[],
    column: number,
  ): bigint | undefined {
    const [rows, held] = [new Mask(), new Mask()];
    let sum: bigint | undefined = 0n;
    parts.forEach(({ log, stay }, index) => {
      rows.clear();
      const { count, firsts, slots, parts: from } = this.#cells[column]!.stretches;
      for (let i = 0; i < count; i++) {
        if (from[i] === index) rows.add(firsts[i]!, firsts[i]! + slots[i]!);
      }
      rows.and(this.#used);
      if (sum === undefined || rows.count() === 0) return;
      held.clear();
      this.#source.readShares({ log, stay, vitals }, number, (bytes) => {
        held.bytes.set(bytes.subarray(0, PRESENCE_BYTES));
        this.#kernel.planes(0).set(bytes.subarray(PRESENCE_BYTES));
      });
      if (!held.holds(rows)) {
        sum = undefined;
        return;
      }
      this.#kernel.keep(0, rows.bytes, CHUNK_SECONDS);
      const [low, high] = this.#kernel.ofChunk(1, CHUNK_SECONDS, 1);
      sum = (sum + elementOf(low!, high!)) % P;
    });
    return sum;
  }
}
