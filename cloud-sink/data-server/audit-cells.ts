/**
 * The shares of one audited column, chunk by chunk: those a statistic would use, as of its snapshot.
 *
 *   [v]      the cells of a vital sign        [a, b]   product cells, where both factors are of one
 *                                                      frame [PROTO-9]; only such can be used
 */
import { Cells, type ScanPart } from './cells.ts';
import { CHUNK_SECONDS, PLANE_BYTES, PRESENCE_BYTES } from './chunk.ts';
import { listChunks } from './chunk-list.ts';
import type { Columns } from './columns.ts';
import { Mask } from './mask.ts';

export interface AuditedCells {
  readonly startSecond: number;
  /** Slots of the chunk that are covered: `rows` of them. */
  readonly used: Mask;
  readonly rows: number;
  /** Low and high word of each share, by rising slot. */
  readonly words: Uint32Array;
  /** By vital of the column: where each cell came from. */
  readonly origins: readonly Cells[];
}

/** What is yielded is good until the next one. Chunks without rows are left out. */
export function* cellsOfColumn(
  columns: Columns,
  parts: readonly ScanPart[],
  column: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
): Generator<AuditedCells> {
  const origins = column.map(() => new Cells());
  const planes = column.map(() => new Uint8Array(2 * PLANE_BYTES));
  const used = new Mask();
  const words = new Uint32Array(2 * CHUNK_SECONDS);
  for (const { number } of listChunks(columns, parts, column, from, to)) {
    origins.forEach((each, i) => each.load(columns, parts, column[i]!, number, planes[i]!));
    const startSecond = number * CHUNK_SECONDS;
    used.setOnly(Math.max(0, from - startSecond), Math.min(CHUNK_SECONDS, to - startSecond));
    for (const { mask } of origins) used.and(mask);
    if (column.length === 2)
      loadProducts(columns, parts, column, number, origins, used, planes[0]!);
    const rows = gather(planes[0]!, used, words);
    if (rows > 0) yield { startSecond, used, rows, words: words.subarray(0, 2 * rows), origins };
  }
}

/** The product column over the logs of the stay into `planes`; `used` keeps the rows that have one. */
function loadProducts(
  columns: Columns,
  parts: readonly ScanPart[],
  column: readonly number[],
  number: number,
  [a, b]: readonly Cells[],
  used: Mask,
  planes: Uint8Array,
): void {
  const [found, held] = [new Mask(), new Mask()];
  parts.forEach(({ log, stay }, part) => {
    const rows = ofOneFrame(a!, b!, part);
    rows.and(used);
    columns.readShares({ log, stay, vitals: column }, number, (bytes) => {
      held.bytes.set(bytes.subarray(0, PRESENCE_BYTES));
      rows.and(held);
      rows.eachStretch(0, CHUNK_SECONDS, true, (first, slots) => {
        found.add(first, first + slots);
        for (const plane of [0, PLANE_BYTES]) {
          const [start, end] = [plane + 4 * first, plane + 4 * (first + slots)];
          planes.set(bytes.subarray(PRESENCE_BYTES + start, PRESENCE_BYTES + end), start);
        }
      });
    });
  });
  used.copy(found);
}

/** Slots that one frame of this part brought to both. */
function ofOneFrame(a: Cells, b: Cells, part: number): Mask {
  const positions = new Float64Array(CHUNK_SECONDS).fill(-1);
  const both = new Mask();
  for (let i = 0; i < a.stretches.count; i++) {
    const { parts, firsts, slots, positions: of } = a.stretches;
    if (parts[i] === part) positions.fill(of[i]!, firsts[i], firsts[i]! + slots[i]!);
  }
  for (let i = 0; i < b.stretches.count; i++) {
    const { parts, firsts, slots, positions: of } = b.stretches;
    if (parts[i] !== part) continue;
    for (let slot = firsts[i]!; slot < firsts[i]! + slots[i]!; slot++) {
      if (positions[slot] === of[i]) both.add(slot, slot + 1);
    }
  }
  return both;
}

/** Words of the slots used, one after the other; how many slots. */
export function gather(planes: Uint8Array, used: Mask, words: Uint32Array): number {
  const [lows, highs] = [0, PLANE_BYTES].map(
    (plane) => new Uint32Array(planes.buffer, planes.byteOffset + plane, CHUNK_SECONDS),
  );
  let rows = 0;
  used.eachStretch(0, CHUNK_SECONDS, true, (first, slots) => {
    for (let slot = first; slot < first + slots; slot++, rows++) {
      words[2 * rows] = lows![slot]!;
      words[2 * rows + 1] = highs![slot]!;
    }
  });
  return rows;
}
