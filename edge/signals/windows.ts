/** What beats and breaths ask of a window: its tops, a centile, how alike its events look. */

/** Appends a value to the last `length` ones. */
export function keep<T>(list: T[], value: T, length: number): void {
  list.push(value);
  if (list.length > length) list.shift();
}

/** Indices above zero that are highest within ± reach; the first of equals. */
export function localMaxima(values: Float64Array, reach: number): number[] {
  const maxima: number[] = [];
  for (let i = 1; i < values.length - 1; i++) {
    const value = values[i]!;
    if (value <= 0 || values[i - 1]! > value || values[i + 1]! > value) continue;
    let highest = true;
    for (let j = Math.max(0, i - reach); highest && j <= i + reach && j < values.length; j++) {
      highest = values[j]! < value || (values[j]! === value && j >= i);
    }
    if (highest) maxima.push(i);
  }
  return maxima;
}

/** Of unsorted values, the nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/**
 * Mean correlation, −1 to 1, of stretches of `length` samples with the mean of all; 0 of fewer than
 * two. A stretch begins `before` · length samples before its event; those that are not whole are
 * left out.
 */
export function likeness(
  wave: Float64Array,
  events: readonly number[],
  length: number,
  beforeShare: number,
): number {
  const before = Math.round(beforeShare * length);
  const shapes = events
    .filter((event) => event - before >= 0 && event - before + length <= wave.length)
    .map((event) => wave.subarray(event - before, event - before + length));
  if (shapes.length < 2 || length < 4) return 0;
  const mean = Float64Array.from({ length }, (_, i) =>
    shapes.reduce((sum, shape) => sum + shape[i]! / shapes.length, 0),
  );
  return shapes.reduce((sum, shape) => sum + correlation(shape, mean) / shapes.length, 0);
}

/** Pearson's; 0 where either does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { length } = a;
  let [meanA, meanB] = [0, 0];
  for (let i = 0; i < length; i++) {
    meanA += a[i]! / length;
    meanB += b[i]! / length;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** From the 5th to the 95th centile: one spike must not make a pulse. */
export function centileSwing(values: Float64Array): number {
  const list = [...values];
  return quantile(list, 0.95) - quantile(list, 0.05);
}

/** Largest less smallest; −Infinity of none. */
export function swingOf(values: Float64Array): number {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const value of values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return highest - lowest;
}
