/**
 * One masked frame into cells: this server's shares of its readings, first come first kept.
 *
 *   x_j = d + Σ_{A∋j} ψ_A · f_A(j)        over all columns of the frame at once [SHARE-9]
 *
 * A cell keeps the first reading in log order. A product column's row is kept only where this frame
 * filled both cells, so a product never joins two frames [PROTO-9] [S18].
 */
import { elementCount, fieldVector, type FieldVector } from '@vitalshare/edge/field';
import { type MaskKeys, USE, type Use } from '@vitalshare/edge/sharing';
import { deriveInto } from '@vitalshare/edge/sharing/derive';
import type { MaskedColumn, MaskedFrame, MaskedProduct } from '../messages/masked-frame.ts';
import { isPresent, presentBoth } from '../messages/presence.ts';
import { type Chunk, CHUNK_SECONDS, chunkOf, noteArrival, putShare } from './chunk.ts';
import type { Columns } from './columns.ts';
import type { ColumnKey } from './keys.ts';
import { segmentSpan } from './spans.ts';
import { type StayState, widen } from './state.ts';

export interface FrameTarget {
  readonly keys: MaskKeys;
  readonly server: number;
  readonly columns: Columns;
  readonly stay: StayState;
  /** Of the frame in its log. */
  readonly position: number;
  /** Only these chunks are filled; all where it is left out. */
  readonly wants?: ((column: ColumnKey, number: number) => boolean) | undefined;
}

/** Readings kept, and readings whose cell was taken. */
export interface FrameApplied {
  cells: number;
  taken: number;
}

export function applyFrame(target: FrameTarget, frame: MaskedFrame): FrameApplied {
  const { stay } = target;
  const done = { cells: 0, taken: 0 };
  const shares = derived(target, USE.numeric, frame, frame.columns);
  let element = 0;
  const filled = frame.columns.map((column) => {
    const seconds = fillColumn(target, column, shares, element, done);
    element += elementCount(column.masked);
    return seconds;
  });
  if (frame.products.length > 0) fillProducts(target, frame, filled);
  for (const segment of frame.segments) {
    const { from, to } = segmentSpan(segment);
    widen(stay.waveforms, `${segment.channel}.${segment.lead}`, from, to, (span) => span);
  }
  return done;
}

/** The UTC seconds whose cells it filled. */
function fillColumn(
  target: FrameTarget,
  column: MaskedColumn,
  shares: FieldVector,
  element: number,
  done: FrameApplied,
): Set<number> {
  const { columns, stay, position, wants } = target;
  const key = keyOf(stay, [column.vital]);
  const filled = new Set<number>();
  let number = -1;
  let chunk: Chunk | undefined;
  for (let row = 0; row < column.rows; row++) {
    if (!isPresent(column.presence, row)) continue;
    const second = column.start + row;
    if (wants?.(key, chunkOf(second)) === false) {
      element++;
      continue;
    }
    if (chunkOf(second) !== number || !chunk) {
      number = chunkOf(second);
      chunk = columns.change(key, number);
    }
    const slot = second % CHUNK_SECONDS;
    if (putShare(chunk, slot, shares[2 * element]!, shares[2 * element + 1]!)) {
      noteArrival(chunk, slot, position);
      filled.add(second);
    } else {
      done.taken++;
    }
    element++;
  }
  done.cells += filled.size;
  if (filled.size > 0) {
    const [from, to] = [Math.min(...filled), Math.max(...filled) + 1];
    const held = widen(stay.vitals, String(column.vital), from, to, (span) => ({
      ...span,
      rows: 0,
    }));
    held.rows += filled.size;
  }
  return filled;
}

function fillProducts(
  target: FrameTarget,
  frame: MaskedFrame,
  filled: readonly Set<number>[],
): void {
  const shares = derived(target, USE.product, frame, frame.products);
  let element = 0;
  for (const { a, b } of frame.products) {
    const key = keyOf(target.stay, productVitals(frame, { a, b }));
    for (const second of presentBoth(frame.columns[a]!, frame.columns[b]!)) {
      const isFilled = filled[a]!.has(second) && filled[b]!.has(second);
      if (isFilled && target.wants?.(key, chunkOf(second)) !== false) {
        const chunk = target.columns.change(key, chunkOf(second));
        const [low, high] = [shares[2 * element]!, shares[2 * element + 1]!];
        putShare(chunk, second % CHUNK_SECONDS, low, high);
      }
      element++;
    }
  }
}

/** Shares of every element of a frame under one use: its parts follow each other in one stream. */
function derived(
  { keys, server, stay }: FrameTarget,
  use: Use,
  { counter }: MaskedFrame,
  parts: readonly { readonly masked: FieldVector }[],
): FieldVector {
  const count = parts.reduce((sum, { masked }) => sum + elementCount(masked), 0);
  const joined = fieldVector(count);
  let at = 0;
  for (const { masked } of parts) {
    joined.set(masked, at);
    at += masked.length;
  }
  deriveInto(keys, server, use, stay.stay, counter, joined);
  return joined;
}

const keyOf = ({ log, number }: StayState, vitals: readonly number[]): ColumnKey => ({
  log,
  stay: number,
  vitals,
});

/** Codes of a product's two columns, a ≤ b: x·y is y·x wherever the frame put them. */
export function productVitals(
  { columns }: Pick<MaskedFrame, 'columns'>,
  { a, b }: Pick<MaskedProduct, 'a' | 'b'>,
): number[] {
  return [columns[a]!.vital, columns[b]!.vital].sort((x, y) => x - y);
}
