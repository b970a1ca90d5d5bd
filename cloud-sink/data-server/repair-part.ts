/**
 * A part that can be lost, as one server has it: what all servers hold alike, and its own shares
 * (`messages/repair.ts`); and put together again, as the store keeps it (`store.ts`). [PROTO-48]
 *
 * As of a position: of a chunk, the cells that frames before it brought. A row of products came with
 * the cell of its first factor, so it is that cell's arrival that says when.
 */
import {
  elementCount,
  type FieldVector,
  fieldVector,
  readElements,
  writeElements,
} from '@vitalshare/edge/field';
import { concatBytes } from '@vitalshare/edge/seal';
import type { RepairPart, RepairQuery } from '../messages/repair.ts';
import { isPresent } from '../messages/presence.ts';
import type { Applier } from './apply.ts';
import {
  type Arrival,
  type Chunk,
  CHUNK_SECONDS,
  emptyChunk,
  encodeArrivals,
  encodeShares,
  PRESENCE_BYTES,
} from './chunk.ts';
import { batchKey, binsKey, type ColumnKey, frameKey, tagsKey } from './keys.ts';
import type { LogState } from './state.ts';
import type { Store } from './store.ts';

export interface HeldPart {
  /** Alike on every server. */
  readonly shown: Uint8Array;
  /** This server's own. */
  readonly shares: FieldVector;
}

const NO_SHARES = fieldVector(0);

/**
 * Undefined where this server has no such thing as of the position, which it must have reached; what
 * was applied must be committed. Throws StoreDamage: what is damaged helps nobody [PROTO-47].
 */
export function heldPart(applier: Applier, store: Store, query: RepairQuery): HeldPart | undefined {
  const log = applier.books.log(query.log);
  if (!log) return undefined;
  if (query.kind === 'tags') return copied(store.get('tags', tagsKey(log.index, query.at)));
  if (query.kind === 'batch') return copied(store.get('batches', batchKey(log.index, query.at)));
  const number = stayNumber(applier, log, query.stay);
  if (number === undefined) return undefined;
  if (query.kind === 'frame') {
    return copied(store.get('frames', frameKey(log.index, number, query.micros, query.at)));
  }
  if (query.kind === 'bins') {
    const key = binsKey(log.index, number, query.vital, query.window, query.at);
    const value = store.get('bins', key);
    return value && heldBins(value);
  }
  const column = (...vitals: number[]): ColumnKey => ({ log: log.index, stay: number, vitals });
  const [a, ...others] = query.kind === 'cells' ? [query.vital] : query.vitals;
  for (const vitals of query.kind === 'cells' ? [[a]] : [[a], query.vitals]) {
    applier.columns.checkWhole(column(...vitals), query.chunk, query.chunk);
  }
  const cells = applier.columns.read(column(a), query.chunk);
  if (!cells) return undefined;
  const arrivals = cells.arrivals.filter(({ position }) => position < query.position);
  if (query.kind === 'cells') return heldChunk(cells, arrivals, encodeArrivals({ arrivals }));
  const products = applier.columns.read(column(a, ...others), query.chunk);
  return products && heldChunk(products, arrivals, new Uint8Array(0));
}

/** The value as the store keeps it: of cells, the bytes of `encodeShares` and of `encodeArrivals`. */
export function valueOf({ kind }: RepairPart, { shown, shares }: HeldPart): Uint8Array {
  if (kind === 'bins') {
    const value = new Uint8Array(2 + 8 * elementCount(shares));
    value.set(shown.subarray(0, 2));
    writeElements(shares, value, 2);
    return value;
  }
  if (kind !== 'cells' && kind !== 'products') return shown;
  const chunk = emptyChunk();
  chunk.presence.set(shown.subarray(0, PRESENCE_BYTES));
  let m = 0;
  for (let slot = 0; slot < CHUNK_SECONDS; slot++) {
    if (!isPresent(chunk.presence, slot)) continue;
    chunk.lows[slot] = shares[2 * m]!;
    chunk.highs[slot] = shares[2 * m + 1]!;
    m++;
  }
  return concatBytes(encodeShares(chunk), shown.subarray(PRESENCE_BYTES));
}

const stayNumber = ({ books }: Applier, log: LogState, stay: string): number | undefined =>
  books.named(stay).find((each) => each.log === log)?.state.number;

const copied = (value: Uint8Array | undefined): HeldPart | undefined =>
  value && { shown: value, shares: NO_SHARES };

function heldBins(value: Uint8Array): HeldPart {
  const shares = readElements(value, 2, (value.length - 2) >> 3);
  return { shown: Uint8Array.of(value[0]!, value[1]!, elementCount(shares)), shares };
}

/** Present cells of `arrivals`, by rising slot. */
function heldChunk(
  chunk: Chunk,
  arrivals: readonly Arrival[],
  tail: Uint8Array,
): HeldPart | undefined {
  const presence = new Uint8Array(PRESENCE_BYTES);
  for (const { first, slots } of arrivals) {
    for (let slot = first; slot < first + slots; slot++) {
      if (isPresent(chunk.presence, slot)) presence[slot >>> 3]! |= 1 << (slot & 7);
    }
  }
  const words: number[] = [];
  for (let slot = 0; slot < CHUNK_SECONDS; slot++) {
    if (isPresent(presence, slot)) words.push(chunk.lows[slot]!, chunk.highs[slot]!);
  }
  if (words.length === 0) return undefined;
  return { shown: concatBytes(presence, tail), shares: Uint32Array.from(words) };
}
