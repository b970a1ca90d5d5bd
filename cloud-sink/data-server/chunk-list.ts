/** Which chunks of a member a question needs, and which of its logs have them. */
import type { ScanPart } from './cells.ts';
import { CHUNK_SECONDS } from './chunk.ts';
import type { Columns } from './columns.ts';

/** One chunk of a member; `part` is the only one of its logs that has any of it, or −1. */
export interface ListedChunk {
  readonly number: number;
  readonly part: number;
}

/**
 * Chunks within from ≤ second < to in which every one of `vitals` has something, rising. Throws
 * StoreDamage where one within that time waits to be mended.
 */
export function listChunks(
  columns: Columns,
  parts: readonly ScanPart[],
  vitals: readonly number[],
  fromSecond: number,
  toSecond: number,
): ListedChunk[] {
  const first = Math.floor(fromSecond / CHUNK_SECONDS);
  const last = Math.ceil(toSecond / CHUNK_SECONDS) - 1;
  const numbers = (part: ScanPart, vital: number): readonly number[] =>
    columns.numbers({ log: part.log, stay: part.stay, vitals: [vital] });
  for (const { log, stay } of parts) {
    for (const vital of vitals) columns.checkWhole({ log, stay, vitals: [vital] }, first, last);
  }
  const isAsked = (number: number): boolean => number >= first && number <= last;

  if (parts.length === 1) {
    const lists = vitals.map((vital) => numbers(parts[0]!, vital));
    return lists
      .reduce(inBoth)
      .filter(isAsked)
      .map((number) => ({ number, part: 0 }));
  }
  const partOf = new Map<number, number>();
  const sets = vitals.map((vital) => {
    const set = new Set<number>();
    parts.forEach((part, index) => {
      for (const number of numbers(part, vital)) {
        set.add(number);
        partOf.set(number, (partOf.get(number) ?? index) === index ? index : -1);
      }
    });
    return set;
  });
  return [...(sets[0] ?? [])]
    .filter((number) => isAsked(number) && sets.every((set) => set.has(number)))
    .sort((a, b) => a - b)
    .map((number) => ({ number, part: partOf.get(number)! }));
}

/** Numbers that both rising lists have. */
function inBoth(a: readonly number[], b: readonly number[]): readonly number[] {
  const both: number[] = [];
  let j = 0;
  for (const number of a) {
    while (j < b.length && b[j]! < number) j++;
    if (b[j] === number) both.push(number);
  }
  return both;
}
