/**
 * The shares of one audited column, chunk by chunk: those a statistic would use, as of its snapshot.
 *
 *   [v]      the cells of a vital sign        [a, b]   product cells, where both factors are of one
 *                                                      frame [PROTO-9]; only such can be used
 */
import { isPresent } from '../messages/presence.ts';
import { Cells, commonChunks } from './cells.ts';
import { CHUNK_SECONDS } from './chunk.ts';
import type { Member } from './cohort.ts';
import type { Columns } from './columns.ts';

export interface AuditedCells {
  readonly startSecond: number;
  /** Slots of the chunk that are covered, rising: `rows` of them. */
  readonly slots: Uint16Array;
  readonly rows: number;
  /** Two words a slot. */
  readonly words: Uint32Array;
  /** By vital of the column: where each cell came from. */
  readonly origins: readonly Cells[];
}

/** What is yielded is good until the next one. Chunks without rows are left out. */
export function* cellsOfColumn(
  columns: Columns,
  member: Member,
  column: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
): Generator<AuditedCells> {
  const origins = column.map(() => new Cells());
  const slots = new Uint16Array(CHUNK_SECONDS);
  for (const number of commonChunks(columns, member, column, from, to)) {
    column.forEach((vital, i) => origins[i]!.load(columns, member, vital, number));
    const startSecond = number * CHUNK_SECONDS;
    const first = Math.max(0, from - startSecond);
    const end = Math.min(CHUNK_SECONDS, to - startSecond);
    const product = column.length === 2 ? new ProductCells(columns, member, column, number) : null;
    let rows = 0;
    for (let slot = first; slot < end; slot++) {
      if (!origins.every(({ positions }) => positions[slot]! >= 0)) continue;
      if (product && !product.take(slot, origins)) continue;
      slots[rows++] = slot;
    }
    const words = product?.words ?? origins[0]!.words;
    if (rows > 0) yield { startSecond, slots, rows, words, origins };
  }
}

/** The product column of two vital signs in one chunk, over the logs of the stay. */
class ProductCells {
  readonly words = new Uint32Array(2 * CHUNK_SECONDS);
  readonly #chunks;

  constructor(columns: Columns, member: Member, vitals: readonly number[], number: number) {
    this.#chunks = member.parts.map(({ state }) =>
      columns.read({ log: state.log, stay: state.number, vitals }, number),
    );
  }

  /** Copies the slot's share; false where the row has no product. */
  take(slot: number, [a, b]: readonly Cells[]): boolean {
    const part = a!.parts[slot]!;
    const isOneFrame = part === b!.parts[slot] && a!.positions[slot] === b!.positions[slot];
    const chunk = this.#chunks[part];
    if (!isOneFrame || !chunk || !isPresent(chunk.presence, slot)) return false;
    this.words.set(chunk.words.subarray(2 * slot, 2 * slot + 2), 2 * slot);
    return true;
  }
}
