/** What is asked of `computeMoments`, and what it gives back. */
import type { LogAsOf } from './batch-hashes.ts';
import type { Member } from './cohort.ts';
import type { ScanPlan } from './scan.ts';

export interface MomentsPlan extends ScanPlan {
  /** Of the snapshot, by rising id: what binds the content [PROTO-16]. */
  readonly logs: readonly LogAsOf[];
  readonly members: readonly Member[];
}

/** This server's shares of the moments, unmasked. */
export interface Moments {
  readonly count: number;
  /** Distinct tags of the stays that have rows. */
  readonly patients: number;
  readonly sums: bigint[];
  readonly products: bigint[];
  /** What each member with rows adds to `count` and `sums`; empty sums at degree 0. */
  readonly members: readonly MemberSums[];
  /** SHA-256 of [PROTO-16]. */
  readonly data: Uint8Array;
}

export interface MemberSums {
  readonly member: Member;
  readonly rows: number;
  readonly sums: readonly bigint[];
}
