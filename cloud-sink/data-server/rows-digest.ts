/**
 * The digest of exactly the rows an answer was computed over [PROTO-16] [S9].
 *
 *   data = SHA-256( for each log of the snapshot with a record before it, by rising id:
 *                   log 16 B ‖ hash 32 B of the batch that holds the last of these
 *                   for each stay with rows, by rising name, and each vital as asked:
 *                   stay ‖ 00 ‖ vital code u8 ‖ rows u32 ‖ SHA-256(leaf*) )
 *   leaf = SHA-256( ( first second u32 ‖ rows u32 ‖ log 16 B ‖ position u64 )* )
 *
 * A leaf covers one chunk of 4,000 seconds: its maximal runs of rows used that one masked frame
 * brought, by rising second; a chunk without rows has none. So a leaf follows from the log and the
 * rows alone, and that of a whole chunk is kept in its summary. Runs say which rows, the hashes of
 * the batches what stands in them: one commits to all before it.
 */
import { createHash, type Hash, hash } from 'node:crypto';
import { utf8 } from '@vitalshare/edge/seal';
import type { LogAsOf } from './batch-hashes.ts';
import type { ScanPart } from './cells.ts';
import { CHUNK_SECONDS } from './chunk.ts';
import { LEAF_WORDS } from './chunk-record.ts';
import type { Mask } from './mask.ts';
import type { Stretches } from './stretches.ts';

const RUN_WORDS = 8;
/** Leaves hashed at once. */
const LEAVES = 256;

/** Makes leaves; one of them serves a whole scan. */
export class Leaves {
  readonly #words = new Uint32Array(RUN_WORDS * CHUNK_SECONDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  /** Where the last run begins, and what it is. */
  #at = 0;
  #end = 0;
  #part = 0;
  #position = 0;

  /** SHA-256 of the runs of `used` slots [PROTO-20]; `isAll` says that the stretches are just these. */
  leaf(
    startSecond: number,
    stretches: Stretches,
    used: Mask,
    isAll: boolean,
    parts: readonly ScanPart[],
  ): Uint8Array {
    const { count, firsts, slots, positions } = stretches;
    this.#at = -RUN_WORDS;
    this.#end = -1;
    for (let i = 0; i < count; i++) {
      const part = stretches.parts[i]!;
      const { id } = parts[part]!;
      const position = positions[i]!;
      if (isAll) {
        this.#run(startSecond, firsts[i]!, slots[i]!, id, part, position);
      } else {
        used.eachStretch(firsts[i]!, firsts[i]! + slots[i]!, true, (first, rows) =>
          this.#run(startSecond, first, rows, id, part, position),
        );
      }
    }
    return hash('sha256', this.#bytes.subarray(0, 4 * (this.#at + RUN_WORDS)), 'buffer');
  }

  /** Another run, or more of the last one: they are maximal. */
  #run(
    startSecond: number,
    first: number,
    rows: number,
    id: Uint8Array,
    part: number,
    position: number,
  ): void {
    const words = this.#words;
    if (first === this.#end && part === this.#part && position === this.#position) {
      words[this.#at + 1]! += rows;
    } else {
      const at = (this.#at += RUN_WORDS);
      words[at] = startSecond + first;
      words[at + 1] = rows;
      this.#bytes.set(id, 4 * at + 8);
      words[at + 6] = position % 2 ** 32;
      words[at + 7] = Math.floor(position / 2 ** 32);
      this.#part = part;
      this.#position = position;
    }
    this.#end = first + rows;
  }
}

export class RowsDigest {
  readonly #vitals: readonly number[];
  readonly #whole = createHash('sha256');
  /** Leaves of each vital sign that are not hashed yet. */
  readonly #leaves: Uint32Array[];
  #gathered = 0;
  #ofVital: Hash[] = [];

  constructor(logs: readonly LogAsOf[], vitals: readonly number[]) {
    this.#vitals = vitals;
    this.#leaves = vitals.map(() => new Uint32Array(LEAF_WORDS * LEAVES));
    for (const { log, hash: batch } of logs) {
      this.#whole.update(log);
      this.#whole.update(batch);
    }
  }

  begin(): void {
    this.#ofVital = this.#vitals.map(() => createHash('sha256'));
  }

  /** Of the next chunk with rows: where the leaf of vital i goes, LEAF_WORDS from `at`. */
  next(): { leaves: readonly Uint32Array[]; at: number } {
    if (this.#gathered === LEAVES) this.#hashGathered();
    return { leaves: this.#leaves, at: LEAF_WORDS * this.#gathered++ };
  }

  /** The stay is done; not called for one without rows. */
  end(stay: string, rows: number): void {
    this.#hashGathered();
    this.#vitals.forEach((code, i) => {
      const name = utf8(stay);
      const head = new Uint8Array(name.length + 6);
      head.set(name);
      head[name.length + 1] = code;
      new DataView(head.buffer).setUint32(name.length + 2, rows, true);
      this.#whole.update(head);
      this.#whole.update(this.#ofVital[i]!.digest());
    });
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#whole.digest());
  }

  #hashGathered(): void {
    this.#leaves.forEach((words, i) => {
      const bytes = new Uint8Array(words.buffer, 0, 4 * LEAF_WORDS * this.#gathered);
      this.#ofVital[i]!.update(bytes);
    });
    this.#gathered = 0;
  }
}
