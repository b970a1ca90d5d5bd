/** Plain arithmetic over patients' counts: what the servers' answers open to. */
import type { GroupSums } from './chi-squared.ts';
import { productIndex } from './statistics.ts';

/** One patient: readings in each cell. */
export type Patient = readonly number[];

export function sumsOf(patients: readonly Patient[]): GroupSums {
  const cells = patients[0]!.length;
  const total = (of: (patient: Patient, m: number) => number): bigint =>
    patients.reduce(
      (sum, p) =>
        sum +
        BigInt(
          of(
            p,
            p.reduce((a, b) => a + b, 0),
          ),
        ),
      0n,
    );
  const products: bigint[] = [];
  for (let a = 0; a < cells; a++) {
    for (let b = a; b < cells; b++) {
      products[productIndex(a, b, cells)] = total((p) => p[a]! * p[b]!);
    }
  }
  return {
    patients: patients.length,
    squares: total((_, m) => m * m),
    sums: patients[0]!.map((_, j) => total((p) => p[j]!)),
    weighted: patients[0]!.map((_, j) => total((p, m) => m * p[j]!)),
    products,
  };
}
