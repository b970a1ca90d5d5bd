/**
 * One vital sign of one stay over one chunk's seconds, as of a snapshot: which slots hold a reading,
 * and the frame each came from. The shares go straight into the planes of the moments kernel.
 *
 * Logs are laid over each other in log order, the first to fill a cell wins [PROTO-9]. Which cells
 * existed as of a position follows from the arrivals alone [PROTO-13].
 */
import { checkShares, CHUNK_SECONDS, eachArrival, PLANE_BYTES, PRESENCE_BYTES } from './chunk.ts';
import type { ColumnKey } from './keys.ts';
import { Mask } from './mask.ts';

/** Where shares and arrivals are read. The bytes are good only while `use` runs. */
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

/** Slots `first` to `first + slots − 1` came from the frame at `position` of part `part`. */
export interface Stretch {
  readonly part: number;
  readonly position: number;
  readonly first: number;
  readonly slots: number;
}

export class Cells {
  readonly mask = new Mask();
  /** Slots whose planes are not 0: all of `mask`, and maybe some that came later. */
  readonly held = new Mask();
  /** By rising slot. */
  stretches: Stretch[] = [];
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
    this.stretches = [];
    this.newest = -1;
    let partsHere = 0;
    parts.forEach((part, index) => {
      const key = { log: part.log, stay: part.stay, vitals: [vital] };
      const before = this.stretches.length;
      const isHere = source.readArrivals(key, number, (bytes) =>
        this.#take(bytes, index, part.before),
      );
      if (!isHere) return;
      const isFirst = partsHere++ === 0;
      this.part = isFirst ? index : -1;
      source.readShares(key, number, (bytes) => {
        checkShares(bytes);
        if (isFirst) {
          this.held.bytes.set(bytes.subarray(0, PRESENCE_BYTES));
          planes.set(bytes.subarray(PRESENCE_BYTES));
        } else {
          // Rare: the stay went on in another log within these 67 minutes.
          this.held.setOnly(0, CHUNK_SECONDS);
          for (const stretch of this.stretches.slice(before)) copySlots(bytes, planes, stretch);
        }
      });
    });
    if (partsHere === 0) this.part = -1;
    const rises = this.stretches.every(({ first }, i, all) => i === 0 || first > all[i - 1]!.first);
    if (!rises) this.stretches.sort((a, b) => a.first - b.first);
  }

  /** Slots of this log that no earlier one filled. */
  #take(arrivals: Uint8Array, part: number, before: number): void {
    const isAlone = this.stretches.length === 0;
    const taken: [number, number][] = [];
    eachArrival(arrivals, (position, first, slots) => {
      this.newest = Math.max(this.newest, position);
      if (position >= before) return;
      if (isAlone) {
        this.stretches.push({ part, position, first, slots });
        this.mask.add(first, first + slots);
      } else {
        this.mask.eachStretch(first, first + slots, false, (free, count) => {
          this.stretches.push({ part, position, first: free, slots: count });
          taken.push([free, free + count]);
        });
      }
    });
    for (const [from, to] of taken) this.mask.add(from, to);
  }
}

function copySlots(shares: Uint8Array, planes: Uint8Array, { first, slots }: Stretch): void {
  for (const plane of [0, PLANE_BYTES]) {
    const [from, to] = [plane + 4 * first, plane + 4 * (first + slots)];
    planes.set(shares.subarray(PRESENCE_BYTES + from, PRESENCE_BYTES + to), from);
  }
}
