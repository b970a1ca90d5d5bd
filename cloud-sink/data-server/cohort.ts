/**
 * Which stays a question is about, as of its snapshot (PROTOCOL.md, [PROTO-12]), and whether they are
 * of enough patients.
 *
 * Everything that decides it stands in the log, so every server chooses the same stays.
 */
import { fromHex } from '@vitalshare/edge/seal';
import type { Labels } from '../messages/names.ts';
import { ProblemError } from '../messages/problem.ts';
import type { Snapshot } from '../messages/query.ts';
import type { Books } from './books.ts';
import type { ScanPart } from './cells.ts';
import { type LogState, type StayState, type StayVersion, versionAsOf } from './state.ts';

/** One stay as of a snapshot. */
export interface Member {
  readonly stay: string;
  /** Of its newest record in the last log that has one. */
  readonly version: StayVersion;
  /** In log order, each with the position that bounds what counts. */
  readonly parts: readonly {
    readonly log: LogState;
    readonly state: StayState;
    readonly before: number;
  }[];
}

/** Where a member's columns are. */
export const scanParts = ({ parts }: Member): ScanPart[] =>
  parts.map(({ log, state, before }) => ({
    id: fromHex(log.log, 16),
    log: state.log,
    stay: state.number,
    before,
  }));

/** All stays announced as of `asOf`, by rising name. */
export function membersAsOf(books: Books, asOf: Snapshot): Member[] {
  return books.names.flatMap((stay) => memberAsOf(books, asOf, stay) ?? []);
}

export function memberAsOf(books: Books, asOf: Snapshot, stay: string): Member | undefined {
  const parts = books.named(stay).flatMap(({ log, state }) => {
    const before = Object.hasOwn(asOf, log.log) ? asOf[log.log]! : 0;
    return versionAsOf(state, before) ? [{ log, state, before }] : [];
  });
  const last = parts.at(-1);
  return last && { stay, version: versionAsOf(last.state, last.before)!, parts };
}

/** Throws ProblemError `unknown-stay` or `unknown-label`. */
export function chooseCohort(
  books: Books,
  asOf: Snapshot,
  where: Labels,
  stays: readonly string[] | undefined,
): Member[] {
  const members = membersAsOf(books, asOf);
  const names = new Set(members.map(({ stay }) => stay));
  const missing = stays?.find((stay) => !names.has(stay));
  if (missing !== undefined) {
    throw new ProblemError('unknown-stay', `no stay ${missing} as of that position`);
  }
  for (const [key, value] of Object.entries(where)) {
    if (!members.some((member) => carries(member, key, value))) {
      throw new ProblemError('unknown-label', `no stay is labelled ${key}=${value}`);
    }
  }
  const wanted = stays && new Set(stays);
  return members.filter(
    (member) =>
      (wanted?.has(member.stay) ?? true) &&
      Object.entries(where).every(([key, value]) => carries(member, key, value)),
  );
}

/** [PROTO-14] `what` the patients have. Throws ProblemError `cohort-too-small`. */
export function checkCohort(patients: number, minimum: number, what: string): void {
  if (patients >= minimum) return;
  throw new ProblemError(
    'cohort-too-small',
    `${patients === 1 ? '1 patient has' : `${patients} patients have`} ${what}, ${minimum} are needed; ` +
      'ask for a longer time or with fewer conditions (`vitalshare catalogue` tells what there is)',
    { patients, minimum },
  );
}

const carries = ({ version }: Member, key: string, value: string): boolean =>
  Object.hasOwn(version.labels, key) && version.labels[key] === value;
