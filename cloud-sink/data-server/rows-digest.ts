/**
 * The digest of exactly the rows an answer was computed over [PROTO-16] [S9].
 *
 *   data  = SHA-256( for each log of the snapshot with a record before it, by rising id:
 *                    log 16 B ‖ hash 32 B of the batch that holds the last of these
 *                    for each stay with rows, by rising name, and each vital as asked:
 *                    stay ‖ 00 ‖ vital code u8 ‖ rows u32 ‖ SHA-256(cells) )
 *   cells = ( second u32 ‖ log 16 B ‖ position u64 )* by rising second
 *
 * The cells say which rows, the hashes what stands in them: a batch's hash commits to all before it.
 */
import { utf8 } from '@vitalshare/edge/seal';
import type { LogAsOf } from './batch-hashes.ts';
import type { Cells } from './cells.ts';
import { CHUNK_SECONDS } from './chunk.ts';

/** The part of node:crypto's Hash that is used. */
export interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

const CELL_BYTES = 28;

export class RowsDigest {
  readonly #vitals: readonly number[];
  readonly #makeHash: (algorithm: 'sha256') => Hash;
  readonly #whole: Hash;
  readonly #bytes = new Uint8Array(CELL_BYTES * CHUNK_SECONDS);
  readonly #view = new DataView(this.#bytes.buffer);
  #ofVital: Hash[] = [];
  #logs: Uint32Array[] = [];

  constructor(
    logs: readonly LogAsOf[],
    vitals: readonly number[],
    makeHash: (algorithm: 'sha256') => Hash,
  ) {
    this.#vitals = vitals;
    this.#makeHash = makeHash;
    this.#whole = makeHash('sha256');
    for (const { log, hash } of logs) {
      this.#whole.update(log);
      this.#whole.update(hash);
    }
  }

  /** A stay; `logs` are the ids of its parts, 16 bytes each. */
  begin(logs: readonly Uint8Array[]): void {
    this.#ofVital = this.#vitals.map(() => this.#makeHash('sha256'));
    this.#logs = logs.map((log) => {
      const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
      return Uint32Array.from([0, 4, 8, 12], (at) => view.getUint32(at, true));
    });
  }

  /** Rows of one chunk of that stay, `cells` by vital. */
  add(startSecond: number, slots: Uint16Array, rows: number, cells: readonly Cells[]): void {
    cells.forEach(({ positions, parts }, vital) => {
      for (let i = 0; i < rows; i++) {
        const slot = slots[i]!;
        const position = positions[slot]!;
        const log = this.#logs[parts[slot]!]!;
        const at = CELL_BYTES * i;
        this.#view.setUint32(at, startSecond + slot, true);
        this.#view.setUint32(at + 4, log[0]!, true);
        this.#view.setUint32(at + 8, log[1]!, true);
        this.#view.setUint32(at + 12, log[2]!, true);
        this.#view.setUint32(at + 16, log[3]!, true);
        this.#view.setUint32(at + 20, position % 2 ** 32, true);
        this.#view.setUint32(at + 24, Math.floor(position / 2 ** 32), true);
      }
      this.#ofVital[vital]!.update(this.#bytes.subarray(0, CELL_BYTES * rows));
    });
  }

  /** The stay is done; not called for one without rows. */
  end(stay: string, rows: number): void {
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
}
