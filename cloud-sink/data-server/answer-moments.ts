/**
 * One server's partial of a statistic: rows chosen, rules applied, products masked
 * (PROTOCOL.md, /moments).
 *
 *   answer = sums ‖ products + shares of zero of degree 2t bound to
 *            SHA-256("vitalshare zero 1" ‖ configDigest ‖ generation u32 ‖ query ‖ data ‖ keyId)
 *
 * The bound names everything that decides the products, so no mask ever meets other data [S9].
 */
import { P } from '@vitalshare/edge/field';
import { concatBytes, fromBase64Url, sha256, toBase64Url, utf8 } from '@vitalshare/edge/seal';
import { zeroShares } from '@vitalshare/edge/sharing/zero';
import { findVital, magnitudeMax, type Vital } from '@vitalshare/edge/vital';
import { ROWS_A_PATIENT_FEW } from '../limits.ts';
import type { MomentsAnswer } from '../messages/answer-bodies.ts';
import { ProblemError } from '../messages/problem.ts';
import { type MomentsQuery, queryDigest } from '../messages/query.ts';
import type { Applier } from './apply.ts';
import { chooseCohort } from './cohort.ts';
import { computeMoments, type Moments } from './moments.ts';
import { patientMoments } from './patient-moments.ts';
import type { ServerParty } from './runs.ts';

/** The snapshot must have been reached. Throws ProblemError. */
export async function answerMoments(
  { books, columns, hashes, party }: Applier,
  query: MomentsQuery,
  askerKeyId: string,
  breathe: () => Promise<void>,
): Promise<MomentsAnswer> {
  const { servers, threshold, generation } = party.configuration;
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
    to: query.to ?? 2 ** 32,
    productColumns,
  } as const;
  const rows = await computeMoments(columns, plan, breathe);
  checkCohort(rows, patientsNeeded(party, query, rows));
  if (!ofPatients) checkWrap(rows.count, vitals, query.degree);
  const moments = ofPatients ? patientMoments(rows.members, vitals, query.degree) : rows;
  const digest = queryDigest(query);
  const binding = zeroBinding(party, digest, rows.data, askerKeyId);
  return {
    server: party.server,
    generation,
    config: party.configDigest,
    query: toBase64Url(digest),
    data: toBase64Url(rows.data),
    asOf: query.asOf,
    count: rows.count,
    patients: rows.patients,
    sums: moments.sums,
    products: productColumns ? moments.products : masked(party, binding, moments.products),
    ...('weights' in moments ? { weights: moments.weights } : {}),
  };
}

/** [PROTO-17] */
export function zeroBinding(
  { configDigest, configuration }: Pick<ServerParty, 'configDigest' | 'configuration'>,
  query: Uint8Array,
  data: Uint8Array,
  askerKeyId: string,
): Uint8Array {
  const generation = new Uint8Array(4);
  new DataView(generation.buffer).setUint32(0, configuration.generation, true);
  const config = fromBase64Url(configDigest, 32);
  const asker = fromBase64Url(askerKeyId, 16);
  return sha256(concatBytes(utf8('vitalshare zero 1'), config, generation, query, data, asker));
}

function masked(party: ServerParty, binding: Uint8Array, products: readonly bigint[]): bigint[] {
  if (products.length === 0) return [];
  const { configuration, server, keys } = party;
  const zeros = zeroShares(configuration, server, keys.zero, binding, products.length);
  return products.map((product, m) => (product + zeros[m]!) % P);
}

/**
 * The minimum cohort, and one patient more for each vital sign after the first where products of
 * patients' means are asked, or of so few rows that they are as good as patients: so many exact
 * products of so few would leave one answer [PROTO-33].
 */
function patientsNeeded(
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

/** [PROTO-14] */
function checkCohort({ patients }: Moments, minimum: number): void {
  if (patients >= minimum) return;
  throw new ProblemError(
    'cohort-too-small',
    `${patients === 1 ? '1 patient has' : `${patients} patients have`} such rows, ${minimum} are needed; ` +
      'ask for a longer time or with fewer conditions (`vitalshare catalogue` tells what there is)',
    { patients, minimum },
  );
}

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
