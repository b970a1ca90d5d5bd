/**
 * Moments over patients' means, from this server's share of each patient's sums [PROTO-30].
 *
 *   patient i   n_i rows (public), S_i = Σ of its readings (a share), D_i = S_i − n_i·c
 *   sums        Σ a_i²·n_i·D_i            products    Σ (a_i·D_i^a)·(a_i·D_i^b)
 *
 * With m_i = S_i/n_i and the public w_i = (a_i·n_i)² these are Σ w_i·(m_i − c) and
 * Σ w_i·(m_i − c)(m'_i − c'). A constant is its own share, so centring and weighting are local;
 * products lie on a polynomial of degree 2t and are masked like those of rows.
 *
 * A patient is a tag: a second stay of the same person is no second observation.
 */
import { P } from '@vitalshare/edge/field';
import type { Vital } from '@vitalshare/edge/vital';
import { centreOf, patientWeights, scaleMax } from '../messages/patient-weights.ts';
import { ProblemError } from '../messages/problem.ts';
import type { MemberSums } from './moments.ts';

export interface PatientMoments {
  /** Σ w_i and Σ w_i²: public. */
  readonly weights: readonly [bigint, bigint];
  readonly sums: bigint[];
  /** Unmasked. */
  readonly products: bigint[];
}

/** Before anything is multiplied. */
export interface WeighedPatients {
  readonly weights: readonly [bigint, bigint];
  /** Σ a_i²·n_i·D_i */
  readonly sums: bigint[];
  /** Of each patient a_i·D_i, one a vital sign. */
  readonly scaled: readonly (readonly bigint[])[];
}

interface Patient {
  rows: number;
  readonly sums: bigint[];
}

/** `members` of at least degree `min(degree, 1)`. Throws ProblemError `could-wrap`. */
export function patientMoments(
  members: readonly MemberSums[],
  vitals: readonly Vital[],
  degree: 0 | 1 | 2,
): PatientMoments {
  const { weights, sums, scaled } = weighPatients(members, vitals);
  const products: bigint[] = [];
  for (let a = 0; a < vitals.length; a++) {
    for (let b = a; b < vitals.length; b++) {
      products.push(field(scaled.reduce((sum, own) => sum + own[a]! * own[b]!, 0n)));
    }
  }
  return { weights, sums: degree >= 1 ? sums : [], products: degree === 2 ? products : [] };
}

/** Canonical elements. Throws ProblemError `could-wrap`. */
export function weighPatients(
  members: readonly MemberSums[],
  vitals: readonly Vital[],
): WeighedPatients {
  const patients = patientsOf(members);
  const rows = patients.map((patient) => patient.rows);
  const weights = patientWeights(rows, vitals);
  if (weights === null) throw couldWrap(rows, vitals);
  const sums = vitals.map(() => 0n);
  const scaled = patients.map(({ rows: n, sums: own }, i) => {
    const factor = weights.factors[i]!;
    return vitals.map((vital, v) => {
      const centred = factor * (own[v]! - BigInt(n) * centreOf(vital));
      sums[v] = (sums[v]! + factor * BigInt(n) * centred) % P;
      return field(centred);
    });
  });
  return { weights: [weights.sum, weights.squares], sums: sums.map(field), scaled };
}

/** By the first appearance of each tag. */
function patientsOf(members: readonly MemberSums[]): Patient[] {
  const patients = new Map<string, Patient>();
  for (const { member, rows, sums } of members) {
    const { tag } = member.version;
    const patient = patients.get(tag);
    if (patient === undefined) {
      patients.set(tag, { rows, sums: [...sums] });
      continue;
    }
    patient.rows += rows;
    sums.forEach((sum, i) => (patient.sums[i] = (patient.sums[i]! + sum) % P));
  }
  return [...patients.values()];
}

/** [PROTO-31] */
function couldWrap(rows: readonly number[], vitals: readonly Vital[]): ProblemError {
  const most = rows.reduce((a, b) => Math.max(a, b), 0);
  const allowed = Number(scaleMax(rows.length, vitals));
  return new ProblemError(
    'could-wrap',
    `one of ${rows.length} patients has ${most} rows; means of patients with these vital signs are ` +
      `computed from at most ${allowed} rows each; ask for a shorter time, or per window`,
    { patients: rows.length, rows: most, allowed },
  );
}

const field = (value: bigint): bigint => ((value % P) + P) % P;
