/**
 * One server's partial of a statistic: rows chosen, rules applied, products masked
 * (PROTOCOL.md, /moments).
 *
 *   answer = sums ‖ products + shares of zero of degree 2t          [PROTO-17]
 */
import { P } from '@vitalshare/edge/field';
import { toBase64Url } from '@vitalshare/edge/seal';
import { findVital, magnitudeMax, type Vital } from '@vitalshare/edge/vital';
import { ROWS_A_PATIENT_FEW } from '../limits.ts';
import type { MomentsAnswer } from '../messages/answer-bodies.ts';
import { ProblemError } from '../messages/problem.ts';
import { type MomentsQuery, queryDigest, SECOND_MAX } from '../messages/query.ts';
import type { Applier } from './apply.ts';
import { checkCohort, chooseCohort } from './cohort.ts';
import { maskedProducts } from './masked-products.ts';
import { computeMoments, type Moments } from './moments.ts';
import { patientMoments } from './patient-moments.ts';
import type { ServerParty } from './runs.ts';

/** What a question is answered from, before anything leaves the server. */
export interface OwnMoments {
  /** For its count, patients and `data`. */
  readonly rows: Moments;
  /** Shares. Products are of degree t where they have columns of their own, else of degree 2t. */
  readonly moments: Moments | ReturnType<typeof patientMoments>;
  readonly productColumns: boolean;
}

/** The snapshot must have been reached. Throws ProblemError. */
export async function answerMoments(
  applier: Applier,
  query: MomentsQuery,
  askerKeyId: string,
  breathe: () => Promise<void>,
): Promise<MomentsAnswer> {
  const { party } = applier;
  const { rows, moments, productColumns } = await ownMoments(applier, query, breathe);
  const digest = queryDigest(query);
  return {
    server: party.server,
    generation: party.configuration.generation,
    config: party.configDigest,
    query: toBase64Url(digest),
    data: toBase64Url(rows.data),
    asOf: query.asOf,
    count: rows.count,
    patients: rows.patients,
    sums: moments.sums,
    products: productColumns
      ? moments.products
      : maskedProducts(party, moments.products, digest, rows.data, askerKeyId),
    ...('weights' in moments ? { weights: moments.weights } : {}),
  };
}

/** Rows chosen and rules applied; nothing masked. Throws ProblemError. */
export async function ownMoments(
  { books, columns, hashes, party }: Applier,
  query: MomentsQuery,
  breathe: () => Promise<void>,
): Promise<OwnMoments> {
  const { servers, threshold } = party.configuration;
  const vitals = query.vitals.map((name) => findVital(name)!);
  const productColumns = 2 * threshold > servers - 1;
  const ofPatients = query.unit === 'patient';
  if (ofPatients && query.degree === 2 && productColumns) throw acrossPatients(servers, threshold);
  const members = chooseCohort(books, query.asOf, query.where, query.stays);
  const plan = {
    logs: hashes.asOf(query.asOf),
    members,
    vitals: vitals.map(({ code }) => code),
    degree: ofPatients ? 1 : query.degree,
    from: query.from ?? 0,
    to: query.to ?? SECOND_MAX,
    productColumns,
  } as const;
  const rows = await computeMoments(columns, plan, breathe);
  checkCohort(rows.patients, patientsNeeded(party, query, rows), 'such rows');
  if (!ofPatients) checkWrap(rows.count, vitals, query.degree);
  const moments = ofPatients ? patientMoments(rows.members, vitals, query.degree) : rows;
  return { rows, moments, productColumns };
}

/**
 * The minimum cohort, and one patient more for each vital sign after the first where products of
 * patients' means are asked, or of so few rows that they are as good as patients: so many exact
 * products of so few would leave one answer [PROTO-33].
 */
export function patientsNeeded(
  { configuration }: ServerParty,
  { unit, degree, vitals }: MomentsQuery,
  { count, patients }: Moments,
): number {
  const isGram = degree === 2 && (unit === 'patient' || count < ROWS_A_PATIENT_FEW * patients);
  return configuration.minimumCohort + (isGram ? vitals.length - 1 : 0);
}

/** [PROTO-32] */
const acrossPatients = (servers: number, threshold: number): ProblemError =>
  new ProblemError(
    'products-across-frames',
    `with ${servers} servers and threshold ${threshold} products exist within a frame only, and ` +
      "those of patients' means are made of many frames; a mean over patients can be asked, without an interval",
    { servers, threshold },
  );

/** [PROTO-15] The results must stay below p/2 in magnitude. */
export function checkWrap(count: number, vitals: readonly Vital[], degree: number): void {
  const magnitude = Math.max(...vitals.map(magnitudeMax));
  const largest = BigInt(magnitude) ** BigInt(degree);
  if (degree === 0 || BigInt(count) * largest * 2n < P) return;
  throw new ProblemError(
    'could-wrap',
    `${count} rows of readings up to ${magnitude} could exceed the field at degree ${degree}; ` +
      'ask for a shorter time',
    { count, magnitude },
  );
}
