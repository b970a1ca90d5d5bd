/**
 * Finds the batch that holds a record, walking headers from the last place the index knows. What lies
 * between two of its places is read at once: one read, not one a batch, and never a whole chunk.
 */
import { INDEX_STRIDE_BYTES } from '../limits.ts';
import { HEADER_BYTES, spanAt } from './batch-bytes.ts';
import type { DiskFile } from './disk.ts';
import type { LogIndex, Place } from './log-index.ts';

/** Every header that begins within a stride is whole in it. */
const WALK_BYTES = INDEX_STRIDE_BYTES + HEADER_BYTES;

export interface HoldingBatch extends Place {
  readonly count: number;
  /** Header to signature. */
  readonly bytes: number;
}

/** Undefined where no batch before byte `end` of the file holds the record at `position`. */
export async function batchHolding(
  file: DiskFile,
  index: LogIndex,
  end: number,
  position: number,
): Promise<HoldingBatch | undefined> {
  let place = index.before(position);
  while (place !== undefined && place.offset < end) {
    const from = place.offset;
    const bytes = await file.read(from, Math.min(WALK_BYTES, end - from));
    let span = spanAt(bytes, 0);
    if (span === null) return undefined;
    while (span !== null) {
      const { count, bytes: length } = span;
      if (position < place.position + count) return { ...place, count, bytes: length };
      place = { position: place.position + count, offset: place.offset + length };
      span = spanAt(bytes, place.offset - from);
    }
  }
  return undefined;
}
