/** The slow twin of `kernel/moments.as.ts`: the same sums in BigInt, as SHARING.md writes them. */
import { P } from '@vitalshare/edge/field';

/** Σ x_a, then Σ x_a·x_b for a ≤ b, over the rows that `isUsed`. */
export function momentsTextbook(
  columns: readonly (readonly bigint[])[],
  isUsed: (row: number) => boolean = () => true,
): bigint[] {
  const over = (term: (row: number) => bigint): bigint =>
    columns[0]!.reduce((sum, _, row) => (isUsed(row) ? (sum + term(row)) % P : sum), 0n);
  const sums = columns.map((x) => over((row) => x[row]!));
  const products = columns.flatMap((x, a) =>
    columns.slice(a).map((y) => over((row) => x[row]! * y[row]!)),
  );
  return [...sums, ...products];
}
