/**
 * One vital sign of one stay over one chunk's seconds, as of a snapshot: which slots hold a reading,
 * and the frame each came from. The shares go straight into the planes of the moments kernel.
 *
 * Logs are laid over each other in log order, the first to fill a cell wins [PROTO-9]. Which cells
 * existed as of a position follows from the arrivals alone [PROTO-13].
 */
import {
  ARRIVAL_WORDS,
  arrivalsOf,
  checkShares,
  CHUNK_SECONDS,
  PLANE_BYTES,
  PRESENCE_BYTES,
} from './chunk.ts';
import { StoreDamage } from './checked-store.ts';
import { chunkKey, type ColumnKey } from './keys.ts';
import { Mask } from './mask.ts';
import { Stretches } from './stretches.ts';

/** Where shares and arrivals are read; throws StoreDamage. The bytes are good only while `use` runs. */
export interface ChunkSource {
  /** False where the column has no such chunk. */
  readShares(column: ColumnKey, number: number, use: (bytes: Uint8Array) => void): boolean;
  readArrivals(column: ColumnKey, number: number, use: (bytes: Uint8Array) => void): boolean;
}

/** What one log has of a stay. */
export interface ScanPart {
  /** The log's id, 16 bytes. */
  readonly id: Uint8Array;
  /** The server's own short number for it. */
  readonly log: number;
  /** Number of the stay in that log. */
  readonly stay: number;
  /** Records before this position count. */
  readonly before: number;
}

export class Cells {
  readonly mask = new Mask();
  /** Slots whose planes are not 0: all of `mask`, and maybe some that came later. */
  readonly held = new Mask();
  /** By rising slot. */
  readonly stretches = new Stretches();
  /** The only part that has this chunk, −1 where there are several or none. */
  part = -1;
  /** Of the last frame that brought any slot, after the snapshot or before; −1 where none did. */
  newest = -1;

  load(
    source: ChunkSource,
    parts: readonly ScanPart[],
    vital: number,
    number: number,
    planes: Uint8Array,
  ): void {
    this.mask.clear();
    this.stretches.clear();
    this.newest = -1;
    this.part = -1;
    let partsHere = 0;
    for (let part = 0; part < parts.length; part++) {
      const { log, stay, before } = parts[part]!;
      const column = { log, stay, vitals: [vital] };
      const from = this.stretches.count;
      if (!source.readArrivals(column, number, (bytes) => this.#take(bytes, part, before))) {
        // Only chunks that some part has are loaded.
        if (parts.length === 1)
          throw new StoreDamage('arrivals', chunkKey(column, number), 'missing');
        continue;
      }
      const isFirst = partsHere++ === 0;
      this.part = isFirst ? part : -1;
      const isThere = source.readShares(column, number, (bytes) => {
        checkShares(bytes);
        if (isFirst) {
          this.held.bytes.set(bytes.subarray(0, PRESENCE_BYTES));
          planes.set(bytes.subarray(PRESENCE_BYTES));
        } else {
          // Rare: the stay went on in another log within these 67 minutes.
          this.held.setOnly(0, CHUNK_SECONDS);
          this.#copySince(from, bytes, planes);
        }
      });
      if (!isThere) throw new StoreDamage('shares', chunkKey(column, number), 'missing');
    }
    this.stretches.sort();
  }

  /** Slots of this log that no earlier one filled. */
  #take(bytes: Uint8Array, part: number, before: number): void {
    const arrivals = arrivalsOf(bytes);
    const isAlone = this.stretches.count === 0;
    for (let at = 0; at < arrivals.length; at += ARRIVAL_WORDS) {
      const position = arrivals[at]! + 2 ** 32 * arrivals[at + 1]!;
      this.newest = Math.max(this.newest, position);
      if (position >= before) continue;
      const first = arrivals[at + 2]! & 0xffff;
      const slots = arrivals[at + 2]! >>> 16;
      if (isAlone) {
        this.stretches.push(part, position, first, slots);
        this.mask.add(first, first + slots);
      } else {
        this.mask.eachStretch(first, first + slots, false, (free, count) => {
          this.stretches.push(part, position, free, count);
        });
        // The stretches of one log are disjoint: filling now takes none from a later one.
        this.mask.add(first, first + slots);
      }
    }
  }

  #copySince(from: number, shares: Uint8Array, planes: Uint8Array): void {
    const { count, firsts, slots } = this.stretches;
    for (let i = from; i < count; i++) {
      for (const plane of [0, PLANE_BYTES]) {
        const [start, end] = [plane + 4 * firsts[i]!, plane + 4 * (firsts[i]! + slots[i]!)];
        planes.set(shares.subarray(PRESENCE_BYTES + start, PRESENCE_BYTES + end), start);
      }
    }
  }
}
