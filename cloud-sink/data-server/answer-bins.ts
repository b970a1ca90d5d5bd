/**
 * One server's partial of a histogram: counts by bin, and what a test between groups of patients
 * needs of them (PROTOCOL.md, /bins) [PROTO-37] [PROTO-39].
 *
 *   sums      Σ c          over patients, a bin or a cell of merged bins              degree t
 *   weighted  Σ m·c        m, a patient's counted readings, is public                 degree t
 *   products  Σ c_a·c_b    cells a ≤ b, masked with shares of zero                    degree 2t
 */
import { getBigInt, P } from '@vitalshare/edge/field';
import { toBase64Url } from '@vitalshare/edge/seal';
import { findVital } from '@vitalshare/edge/vital';
import { binCount } from '@vitalshare/edge/vital/bins';
import { PATIENTS_A_CELL } from '../limits.ts';
import type { BinsAnswer } from '../messages/bins-answer.ts';
import { ProblemError } from '../messages/problem.ts';
import { type BinsQuery, queryDigest, SECOND_MAX } from '../messages/query.ts';
import type { Applier } from './apply.ts';
import { checkCohort, chooseCohort } from './cohort.ts';
import { countBins, type PatientBins } from './count-bins.ts';
import { maskedProducts } from './masked-products.ts';
import { computeMoments } from './moments.ts';
import type { Store } from './store.ts';

/**
 * The snapshot must have been reached and everything applied be committed. Throws ProblemError
 * `cohort-too-small`, `could-wrap`, `needs-more-servers` and those of the cohort.
 */
export async function answerBins(
  { books, columns, hashes, party }: Applier,
  store: Store,
  query: BinsQuery,
  askerKeyId: string,
  breathe: () => Promise<void>,
): Promise<BinsAnswer> {
  const { configuration } = party;
  if (query.cells) checkProducts(configuration);
  const vital = findVital(query.vital)!;
  const bins = binCount(vital);
  const range = { from: query.from ?? 0, to: query.to ?? SECOND_MAX };
  const members = chooseCohort(books, query.asOf, query.where, query.stays);
  const logs = hashes.asOf(query.asOf);
  const rowsPlan = { logs, members, vitals: [vital.code], ...range };
  const rows = await computeMoments(
    columns,
    { ...rowsPlan, degree: 0, productColumns: false },
    breathe,
  );
  const plan = { members, vital: vital.code, bins, ...range, rowsData: rows.data };
  const { patients, data } = await countBins(store, plan, breathe);
  checkCohort(
    patients.size,
    configuration.minimumCohort,
    'readings counted by bin so far (whole five minutes, two minutes later)',
  );
  if (query.cells) checkCells(patients.size, query.cells.length, configuration.minimumCohort);
  const counted = [...patients.values()];
  const squares = counted.reduce((sum, { counted: m }) => sum + BigInt(m) ** 2n, 0n);
  if (query.cells) checkSquares(squares);
  const digest = queryDigest(query);
  const sums = sumsOf(counted, query.cells ?? [], bins);
  return {
    server: party.server,
    generation: configuration.generation,
    config: party.configDigest,
    query: toBase64Url(digest),
    data: toBase64Url(data),
    asOf: query.asOf,
    count: counted.reduce((sum, { counted: m }) => sum + m, 0),
    rows: rows.count,
    patients: patients.size,
    squares,
    ...sums,
    products: maskedProducts(party, sums.products, digest, data, askerKeyId),
  };
}

type Sums = Pick<BinsAnswer, 'sums' | 'weighted' | 'products'>;

/** This server's shares, the products unmasked. `cells` are first bins; none asks for bins alone. */
function sumsOf(patients: readonly PatientBins[], cells: readonly number[], bins: number): Sums {
  const firsts = cells.length > 0 ? cells : Array.from({ length: bins }, (_, bin) => bin);
  const sums = firsts.map(() => 0n);
  const weighted = cells.map(() => 0n);
  const products = new Array<bigint>((cells.length * (cells.length + 1)) / 2).fill(0n);
  for (const { counted, shares } of patients) {
    const merged = firsts.map((first, i) => {
      let sum = 0n;
      for (let bin = first; bin < (firsts[i + 1] ?? bins); bin++) sum += getBigInt(shares, bin);
      return sum % P;
    });
    merged.forEach((share, i) => (sums[i] = (sums[i]! + share) % P));
    let m = 0;
    cells.forEach((_, a) => {
      weighted[a] = (weighted[a]! + BigInt(counted) * merged[a]!) % P;
      for (let b = a; b < cells.length; b++, m++) {
        products[m] = (products[m]! + merged[a]! * merged[b]!) % P;
      }
    });
  }
  return { sums, weighted, products };
}

/** [PROTO-39] So many exact sums of so few patients' counts would leave one table of them. */
function checkCells(patients: number, cells: number, minimumCohort: number): void {
  const minimum = Math.max(PATIENTS_A_CELL * cells, minimumCohort + cells - 1);
  if (patients >= minimum) return;
  throw new ProblemError(
    'cohort-too-small',
    `${patients === 1 ? '1 patient has' : `${patients} patients have`} readings counted by bin; ` +
      `products of ${cells} cells need ${minimum}: ask for fewer cells or more patients`,
    { patients, minimum },
  );
}

/** [PROTO-39] Every count of a patient is at most m, so Σ m² bounds every product. */
export function checkSquares(squares: bigint): void {
  if (2n * squares < P) return;
  throw new ProblemError(
    'could-wrap',
    'the squares of so many readings a patient could exceed the field; ask for a shorter time',
  );
}

/** [PROTO-39] Counts are shared once, so their products need 2t + 1 servers: there are no columns. */
function checkProducts({ servers, threshold }: { servers: number; threshold: number }): void {
  if (2 * threshold <= servers - 1) return;
  throw new ProblemError(
    'needs-more-servers',
    `products of counts need ${2 * threshold + 1} data servers at threshold ${threshold}, ` +
      `this world has ${servers}`,
    { needed: 2 * threshold + 1, servers },
  );
}
