/**
 * One vital sign of one stay over one chunk's seconds, as of a snapshot: shares, and the frame each
 * came from.
 *
 * Logs are laid over each other in log order, the first to fill a cell wins [PROTO-9]. Which cells
 * existed as of a position follows from the arrivals alone [PROTO-13].
 */
import { CHUNK_SECONDS } from './chunk.ts';
import type { Member } from './cohort.ts';
import type { Columns } from './columns.ts';

export class Cells {
  /** Two words a slot. */
  readonly words = new Uint32Array(2 * CHUNK_SECONDS);
  /** Position of the frame, −1 where there is no reading. */
  readonly positions = new Float64Array(CHUNK_SECONDS);
  /** Index among the member's parts (its logs). */
  readonly parts = new Uint16Array(CHUNK_SECONDS);

  load(columns: Columns, member: Member, vital: number, number: number): void {
    this.positions.fill(-1);
    member.parts.forEach(({ state, before }, part) => {
      const key = { log: state.log, stay: state.number, vitals: [vital] };
      const chunk = columns.read(key, number);
      for (const { position, first, slots } of chunk?.arrivals ?? []) {
        if (position >= before) break; // Positions rise.
        for (let slot = first; slot < first + slots; slot++) {
          if (this.positions[slot]! >= 0) continue;
          this.positions[slot] = position;
          this.parts[slot] = part;
          this.words[2 * slot] = chunk!.words[2 * slot]!;
          this.words[2 * slot + 1] = chunk!.words[2 * slot + 1]!;
        }
      }
    });
  }
}

/** Chunks in which every one of `vitals` has something, rising. */
export function commonChunks(
  columns: Columns,
  member: Member,
  vitals: readonly number[],
  fromSecond: number,
  toSecond: number,
): number[] {
  const first = Math.floor(fromSecond / CHUNK_SECONDS);
  const last = Math.ceil(toSecond / CHUNK_SECONDS) - 1;
  const [head, ...rest] = vitals.map((vital) => {
    const numbers = new Set<number>();
    for (const { state } of member.parts) {
      const key = { log: state.log, stay: state.number, vitals: [vital] };
      for (const number of columns.numbers(key)) numbers.add(number);
    }
    return numbers;
  });
  return [...(head ?? [])]
    .filter((number) => number >= first && number <= last)
    .filter((number) => rest.every((numbers) => numbers.has(number)))
    .sort((a, b) => a - b);
}
