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
import { hash } from 'node:crypto';
import { utf8 } from '@vitalshare/edge/seal';
import type { LogAsOf } from './batch-hashes.ts';
import type { ScanPart, Stretch } from './cells.ts';
import { CHUNK_SECONDS } from './chunk.ts';
import { LEAF_WORDS } from './chunk-record.ts';
import type { Mask } from './mask.ts';

/** The part of node:crypto's Hash that is used. */
export interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

const RUN_BYTES = 32;
/** Leaves hashed at once. */
const LEAVES = 256;

/** Makes leaves; one of them serves a whole scan. */
export class Leaves {
  readonly #bytes = new Uint8Array(RUN_BYTES * CHUNK_SECONDS);
  readonly #view = new DataView(this.#bytes.buffer);

  /** SHA-256 of the runs of `used` slots among `stretches`, which rise. */
  leaf(
    startSecond: number,
    stretches: readonly Stretch[],
    used: Mask,
    parts: readonly ScanPart[],
  ): Uint8Array {
    const view = this.#view;
    let at = -RUN_BYTES;
    let [end, part, position] = [-1, -1, -1];
    for (const stretch of stretches) {
      used.eachStretch(stretch.first, stretch.first + stretch.slots, true, (first, rows) => {
        if (first === end && stretch.part === part && stretch.position === position) {
          view.setUint32(at + 4, view.getUint32(at + 4, true) + rows, true);
        } else {
          at += RUN_BYTES;
          ({ part, position } = stretch);
          view.setUint32(at, startSecond + first, true);
          view.setUint32(at + 4, rows, true);
          this.#bytes.set(parts[part]!.id, at + 8);
          view.setUint32(at + 24, position % 2 ** 32, true);
          view.setUint32(at + 28, Math.floor(position / 2 ** 32), true);
        }
        end = first + rows;
      });
    }
    return hash('sha256', this.#bytes.subarray(0, at + RUN_BYTES), 'buffer');
  }
}

export class RowsDigest {
  readonly #vitals: readonly number[];
  readonly #makeHash: (algorithm: 'sha256') => Hash;
  readonly #whole: Hash;
  /** Leaves of each vital sign that are not hashed yet. */
  readonly #leaves: Uint32Array[];
  #gathered = 0;
  #ofVital: Hash[] = [];

  constructor(
    logs: readonly LogAsOf[],
    vitals: readonly number[],
    makeHash: (algorithm: 'sha256') => Hash,
  ) {
    this.#vitals = vitals;
    this.#makeHash = makeHash;
    this.#leaves = vitals.map(() => new Uint32Array(LEAF_WORDS * LEAVES));
    this.#whole = makeHash('sha256');
    for (const { log, hash: batch } of logs) {
      this.#whole.update(log);
      this.#whole.update(batch);
    }
  }

  begin(): void {
    this.#ofVital = this.#vitals.map(() => this.#makeHash('sha256'));
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
