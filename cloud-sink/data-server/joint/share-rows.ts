/**
 * This server's shares of every row of a question, for products that need another server's too.
 *
 *   unit row       one row of shares a (stay, second), one share a vital sign
 *   unit patient   one row a patient: a_i·D_i a vital sign [PROTO-30]
 *
 * Rows are in one order on every server: stays by rising name, then seconds; `data` says that they are
 * the same ones.
 */
import { P } from '@vitalshare/edge/field';
import { findVital } from '@vitalshare/edge/vital';
import { JOINT_ROWS_MAX } from '../../limits.ts';
import type { MomentsQuery } from '../../messages/query.ts';
import { SECOND_MAX } from '../../messages/query.ts';
import { ProblemError } from '../../messages/problem.ts';
import { checkWrap, patientsNeeded } from '../answer-moments.ts';
import type { Applier } from '../apply.ts';
import { gather } from '../audit-cells.ts';
import { Cells } from '../cells.ts';
import { CHUNK_SECONDS, PLANE_BYTES } from '../chunk.ts';
import { listChunks } from '../chunk-list.ts';
import { checkCohort, chooseCohort, type Member, scanParts } from '../cohort.ts';
import { Mask } from '../mask.ts';
import { computeMoments } from '../moments.ts';
import { weighPatients } from '../patient-moments.ts';

export interface ShareRows {
  readonly count: number;
  readonly patients: number;
  readonly data: Uint8Array;
  readonly weights?: readonly [bigint, bigint];
  /** Shares of the sums; none at degree 0. */
  readonly sums: readonly bigint[];
  /** Row by row, one share a vital sign; none below degree 2. */
  readonly rows: readonly (readonly bigint[])[];
}

/** The snapshot must have been reached. Throws ProblemError as /moments does, and `too-large`. */
export async function shareRows(
  { books, columns, hashes, party }: Applier,
  query: MomentsQuery,
  breathe: () => Promise<void>,
): Promise<ShareRows> {
  const { degree } = query;
  const vitals = query.vitals.map((name) => findVital(name)!);
  const ofPatients = query.unit === 'patient';
  const members = chooseCohort(books, query.asOf, query.where, query.stays);
  const plan = {
    logs: hashes.asOf(query.asOf),
    members,
    vitals: vitals.map(({ code }) => code),
    // Products are not this server's alone to make.
    degree: degree === 0 ? 0 : 1,
    ...{ from: query.from ?? 0, to: query.to ?? SECOND_MAX, productColumns: false },
  } as const;
  const moments = await computeMoments(columns, plan, breathe);
  const { count, patients, data } = moments;
  checkCohort(patients, patientsNeeded(party, query, moments), 'such rows');
  const found = { count, patients, data };
  if (ofPatients) {
    const { weights, sums, scaled } = weighPatients(moments.members, vitals);
    return { ...found, weights, sums, rows: degree === 2 ? scaled : [] };
  }
  checkWrap(count, vitals, degree);
  if (degree < 2) return { ...found, sums: moments.sums, rows: [] };
  if (count > JOINT_ROWS_MAX) {
    const detail = `${count} rows, and at most ${JOINT_ROWS_MAX} are multiplied under encryption; ask for a shorter time`;
    throw new ProblemError('too-large', detail, { rows: count, limit: JOINT_ROWS_MAX });
  }
  const rows: bigint[][] = [];
  for (const member of members) {
    rows.push(...rowsOfMember(columns, member, plan));
    await breathe();
  }
  return { ...found, sums: moments.sums, rows };
}

interface Range {
  readonly vitals: readonly number[];
  readonly from: number;
  readonly to: number;
}

function rowsOfMember(
  columns: Applier['columns'],
  member: Member,
  { vitals, from, to }: Range,
): bigint[][] {
  const parts = scanParts(member);
  const cells = vitals.map(() => new Cells());
  const planes = vitals.map(() => new Uint8Array(2 * PLANE_BYTES));
  const words = new Uint32Array(2 * CHUNK_SECONDS);
  const used = new Mask();
  const rows: bigint[][] = [];
  for (const { number } of listChunks(columns, parts, vitals, from, to)) {
    const start = number * CHUNK_SECONDS;
    cells.forEach((each, i) => each.load(columns, parts, vitals[i]!, number, planes[i]!));
    used.setOnly(Math.max(0, from - start), Math.min(CHUNK_SECONDS, to - start));
    for (const { mask } of cells) used.and(mask);
    const first = rows.length;
    for (const plane of planes) {
      const count = gather(plane, used, words);
      for (let r = 0; r < count; r++) {
        const share = (BigInt(words[2 * r]!) + (BigInt(words[2 * r + 1]!) << 31n)) % P;
        (rows[first + r] ??= []).push(share);
      }
    }
  }
  return rows;
}
