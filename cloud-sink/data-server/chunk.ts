/**
 * A chunk: one column of one stay over 4,000 seconds, as this server's shares.
 *
 *   shares     presence bitmap 500 B ‖ 4,000 lows u32 ‖ 4,000 highs u32     32,500 B
 *   arrivals   (position u64 ‖ first slot u16 ‖ slots u16)*                 12 B a run of slots
 *
 * An lmdb value of k·4,096 − 16 bytes fills its pages: 32,500 leaves 252 of 8 pages. Slot s is second
 * 4000·chunk + s, so boundaries follow from the log alone. The words of an element (`edge/field`)
 * stand in two planes, as the moments kernel reads them; those of an empty slot are 0. Byte order is
 * that of the machine (little-endian wherever Node runs).
 *
 * Arrivals say which masked frame brought which slots. Runs are disjoint, so the cells as of an
 * earlier position are the runs before it [PROTO-13], and each cell's origin is known [PROTO-16].
 */
import { isPresent } from '../messages/presence.ts';

export const CHUNK_SECONDS = 4_000;
export const PRESENCE_BYTES = CHUNK_SECONDS / 8;
export const PLANE_BYTES = 4 * CHUNK_SECONDS;
export const SHARES_BYTES = PRESENCE_BYTES + 2 * PLANE_BYTES;
const ARRIVAL_BYTES = 12;
export const ARRIVAL_WORDS = 3;

export interface Arrival {
  /** Of the masked frame. */
  readonly position: number;
  readonly first: number;
  readonly slots: number;
}

export interface Chunk {
  readonly presence: Uint8Array;
  /** x mod 2^31 of each slot. */
  readonly lows: Uint32Array;
  /** x >> 31 of each slot. */
  readonly highs: Uint32Array;
  /** By rising position. Products keep none: their cells came with their factors'. */
  readonly arrivals: Arrival[];
}

export const emptyChunk = (): Chunk => ({
  presence: new Uint8Array(PRESENCE_BYTES),
  lows: new Uint32Array(CHUNK_SECONDS),
  highs: new Uint32Array(CHUNK_SECONDS),
  arrivals: [],
});

export const chunkOf = (second: number): number => Math.floor(second / CHUNK_SECONDS);

/** Puts a share into an empty slot; false where the slot is taken [PROTO-9]. */
export function putShare(chunk: Chunk, slot: number, low: number, high: number): boolean {
  if (isPresent(chunk.presence, slot)) return false;
  chunk.presence[slot >>> 3]! |= 1 << (slot & 7);
  chunk.lows[slot] = low;
  chunk.highs[slot] = high;
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

export function encodeShares({ presence, lows, highs }: Chunk): Uint8Array {
  const bytes = new Uint8Array(SHARES_BYTES);
  bytes.set(presence);
  [lows, highs].forEach((plane, i) => {
    const planeBytes = new Uint8Array(plane.buffer, plane.byteOffset, PLANE_BYTES);
    bytes.set(planeBytes, PRESENCE_BYTES + PLANE_BYTES * i);
  });
  return bytes;
}

export function encodeArrivals({ arrivals }: Pick<Chunk, 'arrivals'>): Uint8Array {
  const bytes = new Uint8Array(ARRIVAL_BYTES * arrivals.length);
  const view = new DataView(bytes.buffer);
  arrivals.forEach(({ position, first, slots }, i) => {
    view.setUint32(ARRIVAL_BYTES * i, position % 2 ** 32, true);
    view.setUint32(ARRIVAL_BYTES * i + 4, Math.floor(position / 2 ** 32), true);
    view.setUint16(ARRIVAL_BYTES * i + 8, first, true);
    view.setUint16(ARRIVAL_BYTES * i + 10, slots, true);
  });
  return bytes;
}

/**
 * Runs of slots by rising position, ARRIVAL_WORDS each: position low, position high,
 * first + 2^16·slots. Throws Error on a broken length.
 */
export function arrivalsOf(bytes: Uint8Array): Uint32Array {
  checkLength('arrivals', bytes.length % ARRIVAL_BYTES === 0, bytes);
  if (bytes.byteOffset % 4 === 0) {
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  }
  return new Uint32Array(bytes.slice().buffer);
}

/** Throws Error where these are not the shares of a chunk. */
export function checkShares(shares: Uint8Array): void {
  checkLength('shares', shares.length === SHARES_BYTES, shares);
}

/** `shares` at the start of its buffer, as `Store.get` gives it. Throws Error on other lengths. */
export function decodeChunk(shares: Uint8Array<ArrayBuffer>, arrivals: Uint8Array): Chunk {
  checkShares(shares);
  const plane = (i: number) =>
    new Uint32Array(
      shares.buffer,
      shares.byteOffset + PRESENCE_BYTES + PLANE_BYTES * i,
      CHUNK_SECONDS,
    );
  const chunk = { presence: shares.slice(0, PRESENCE_BYTES), lows: plane(0), highs: plane(1) };
  const words = arrivalsOf(arrivals);
  const runs = Array.from({ length: words.length / ARRIVAL_WORDS }, (_, i): Arrival => {
    const [low, high, slots] = words.subarray(ARRIVAL_WORDS * i, ARRIVAL_WORDS * (i + 1));
    return { position: low! + 2 ** 32 * high!, first: slots! & 0xffff, slots: slots! >>> 16 };
  });
  return { ...chunk, arrivals: runs };
}

function checkLength(what: string, isGood: boolean, { length }: Uint8Array): void {
  if (isGood) return;
  throw new Error(
    `the store is damaged: a chunk has ${SHARES_BYTES} bytes of shares and ${ARRIVAL_BYTES} a run of ` +
      `arrivals, got ${length} of ${what}`,
  );
}
