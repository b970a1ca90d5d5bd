/**
 * Which chunks a masked frame writes to, and whether those of a batch can be read: before anything of
 * the batch is applied, for half a batch cannot be taken back.
 */
import type { MaskedColumn, MaskedFrame } from '../messages/masked-frame.ts';
import { productVitals } from './apply-frame.ts';
import { chunkOf } from './chunk.ts';
import type { Columns } from './columns.ts';
import type { ColumnKey } from './keys.ts';

/** Throws StoreDamage. Frames that are not well formed are undefined. */
export function checkFrames(
  columns: Columns,
  log: number,
  frames: readonly (MaskedFrame | undefined)[],
  only?: { readonly wantsChunk: (column: ColumnKey, number: number) => boolean },
): void {
  const checked = new Set<string>();
  for (const frame of frames) {
    if (!frame) continue;
    for (const { number, ...column } of chunksOfFrame(log, frame)) {
      const id = `${column.stay}.${column.vitals.join('+')}.${number}`;
      if (checked.has(id)) continue;
      checked.add(id);
      if (only?.wantsChunk(column, number) ?? true) columns.checkReadable(column, number);
    }
  }
}

/** Those its columns and products reach into, present or not. */
export function* chunksOfFrame(
  log: number,
  frame: MaskedFrame,
): Generator<ColumnKey & { readonly number: number }> {
  const { stay } = frame;
  for (const column of frame.columns) {
    for (const number of reach(column)) yield { log, stay, vitals: [column.vital], number };
  }
  for (const { a, b } of frame.products) {
    const vitals = productVitals(frame, { a, b });
    for (const number of reach(frame.columns[a]!)) yield { log, stay, vitals, number };
  }
}

function* reach({ start, rows }: MaskedColumn): Generator<number> {
  for (let n = chunkOf(start); n <= chunkOf(start + Math.max(rows, 1) - 1); n++) yield n;
}
