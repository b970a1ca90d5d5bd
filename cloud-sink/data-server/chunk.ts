/**
 * A chunk: one column of one stay over 4,000 seconds, as this server's shares.
 *
 *   shares     presence bitmap 500 B ‖ 4,000 × (low u32 ‖ high u32)      32,500 B
 *   arrivals   (position u64 ‖ first slot u16 ‖ slots u16)*              12 B a run of slots
 *
 * An lmdb value of k·4,096 − 16 bytes fills its pages: 32,500 leaves 252 of 8 pages, and with them
 * room to change the size. Slot s is second 4000·chunk + s. Words are those of `edge/field`, in the
 * byte order of the machine (little-endian wherever Node runs).
 *
 * Arrivals say which masked frame brought which slots. Runs are disjoint, so the cells as of an
 * earlier position are the runs before it [PROTO-13], and each cell's origin is known [PROTO-16].
 */
import { isPresent } from '../messages/presence.ts';

export const CHUNK_SECONDS = 4_000;
const PRESENCE_BYTES = CHUNK_SECONDS / 8;
const SHARES_BYTES = PRESENCE_BYTES + 8 * CHUNK_SECONDS;
const ARRIVAL_BYTES = 12;

export interface Arrival {
  /** Of the masked frame. */
  readonly position: number;
  readonly first: number;
  readonly slots: number;
}

export interface Chunk {
  readonly presence: Uint8Array;
  /** Two words a slot. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** By rising position. Products keep none: their cells came with their factors'. */
  readonly arrivals: Arrival[];
}

export const emptyChunk = (): Chunk => ({
  presence: new Uint8Array(PRESENCE_BYTES),
  words: new Uint32Array(2 * CHUNK_SECONDS),
  arrivals: [],
});

export const chunkOf = (second: number): number => Math.floor(second / CHUNK_SECONDS);

/** Puts a share into an empty slot; false where the slot is taken [PROTO-9]. */
export function putShare(chunk: Chunk, slot: number, low: number, high: number): boolean {
  if (isPresent(chunk.presence, slot)) return false;
  chunk.presence[slot >>> 3]! |= 1 << (slot & 7);
  chunk.words[2 * slot] = low;
  chunk.words[2 * slot + 1] = high;
  return true;
}

/** Notes that the frame at `position` brought `slot`; slots of one frame rise. */
export function noteArrival(chunk: Chunk, slot: number, position: number): void {
  const last = chunk.arrivals.at(-1);
  if (last?.position === position && last.first + last.slots === slot) {
    chunk.arrivals[chunk.arrivals.length - 1] = { ...last, slots: last.slots + 1 };
  } else {
    chunk.arrivals.push({ position, first: slot, slots: 1 });
  }
}

export function encodeShares({ presence, words }: Chunk): Uint8Array {
  const bytes = new Uint8Array(SHARES_BYTES);
  bytes.set(presence);
  bytes.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), PRESENCE_BYTES);
  return bytes;
}

export function encodeArrivals({ arrivals }: Chunk): Uint8Array {
  const bytes = new Uint8Array(ARRIVAL_BYTES * arrivals.length);
  const view = new DataView(bytes.buffer);
  arrivals.forEach(({ position, first, slots }, i) => {
    view.setBigUint64(ARRIVAL_BYTES * i, BigInt(position), true);
    view.setUint16(ARRIVAL_BYTES * i + 8, first, true);
    view.setUint16(ARRIVAL_BYTES * i + 10, slots, true);
  });
  return bytes;
}

/** `shares` at the start of its buffer, as `Store.get` gives it. Throws Error on other lengths. */
export function decodeChunk(shares: Uint8Array<ArrayBuffer>, arrivals: Uint8Array): Chunk {
  if (shares.length !== SHARES_BYTES || arrivals.length % ARRIVAL_BYTES !== 0) {
    throw new Error(
      `the store is damaged: a chunk has ${SHARES_BYTES} bytes and arrivals of ${ARRIVAL_BYTES}, ` +
        `got ${shares.length} and ${arrivals.length}`,
    );
  }
  const view = new DataView(arrivals.buffer, arrivals.byteOffset, arrivals.byteLength);
  return {
    presence: shares.slice(0, PRESENCE_BYTES),
    words: new Uint32Array(shares.buffer, shares.byteOffset + PRESENCE_BYTES, 2 * CHUNK_SECONDS),
    arrivals: Array.from({ length: arrivals.length / ARRIVAL_BYTES }, (_, i) => ({
      position: Number(view.getBigUint64(ARRIVAL_BYTES * i, true)),
      first: view.getUint16(ARRIVAL_BYTES * i + 8, true),
      slots: view.getUint16(ARRIVAL_BYTES * i + 10, true),
    })),
  };
}
