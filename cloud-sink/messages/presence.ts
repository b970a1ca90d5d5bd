/**
 * Which rows of a column hold a reading: bit i mod 8 of byte ⌊i/8⌋ for row i, unused bits zero
 * [WIRE-8]. The masked values follow in row order, present rows only.
 */
export const presenceBytes = (rows: number): number => Math.ceil(rows / 8);

export const isPresent = (presence: Uint8Array, row: number): boolean =>
  ((presence[row >>> 3]! >>> (row & 7)) & 1) === 1;

export function presentCount(presence: Uint8Array): number {
  let count = 0;
  for (let byte of presence) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}

/** The presence of these rows out of `rows`. */
export function presenceOf(rows: number, present: Iterable<number>): Uint8Array {
  const presence = new Uint8Array(presenceBytes(rows));
  for (const row of present) presence[row >>> 3]! |= 1 << (row & 7);
  return presence;
}

interface PresentColumn {
  readonly start: number;
  readonly rows: number;
  readonly presence: Uint8Array;
}

/** UTC seconds where both columns hold a reading, rising: the rows of their product [SHARE-10]. */
export function presentBoth(a: PresentColumn, b: PresentColumn): number[] {
  const seconds: number[] = [];
  const end = Math.min(a.start + a.rows, b.start + b.rows);
  for (let second = Math.max(a.start, b.start); second < end; second++) {
    if (isPresent(a.presence, second - a.start) && isPresent(b.presence, second - b.start)) {
      seconds.push(second);
    }
  }
  return seconds;
}
