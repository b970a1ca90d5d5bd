/**
 * Counts by bin over shares as of a snapshot (PROTOCOL.md, /bins): every increment of the asked
 * windows, added up by patient.
 *
 *   a patient's m = Σ readings, public       c = Σ shares of counts, one vector a patient
 *
 * `data` digests which increments were added up for whom, over the digest of the rows [PROTO-38].
 */
import { createHash } from 'node:crypto';
import { addVectors, elementCount, fieldVector, type FieldVector } from '@vitalshare/edge/field';
import { fromHex, utf8 } from '@vitalshare/edge/seal';
import { SECOND_MAX } from '../messages/query.ts';
import { readIncrement } from './apply-bins.ts';
import type { Member } from './cohort.ts';
import { binsKey, windowOfBinsKey } from './keys.ts';
import type { Store } from './store.ts';

export interface BinsPlan {
  readonly members: readonly Member[];
  /** Code. */
  readonly vital: number;
  /** Bins the vital sign has: a record with others was counted under other edges and is passed over. */
  readonly bins: number;
  /** UTC seconds, multiples of 300: from ≤ window < to. */
  readonly from: number;
  readonly to: number;
  /** [PROTO-16] Of the rows there are. */
  readonly rowsData: Uint8Array;
}

/** One patient's counts: `counted` readings, and this server's share of how many fell into each bin. */
export interface PatientBins {
  counted: number;
  readonly shares: FieldVector;
}

export interface CountedBins {
  /** By tag; a patient with none counted is not in it. */
  readonly patients: ReadonlyMap<string, PatientBins>;
  /** SHA-256 of [PROTO-38]. */
  readonly data: Uint8Array;
}

/** Rows of the store read between two breaths: some 5 ms. */
const ROWS_A_BREATH = 512;
const RECORD_BYTES = 28;

/** Everything applied must be committed: increments are read from the store. */
export async function countBins(
  store: Store,
  plan: BinsPlan,
  breathe: () => Promise<void>,
): Promise<CountedBins> {
  const patients = new Map<string, PatientBins>();
  const whole = createHash('sha256').update(plan.rowsData);
  let rows = 0;
  for (const member of plan.members) {
    const { tag } = member.version;
    const records = createHash('sha256');
    let count = 0;
    for (const { log, window, position, readings, shares } of incrementsOf(store, plan, member)) {
      if (++rows % ROWS_A_BREATH === 0) await breathe();
      const patient = patients.get(tag) ?? { counted: 0, shares: fieldVector(plan.bins) };
      patients.set(tag, patient);
      patient.counted += readings;
      addVectors(patient.shares, shares);
      records.update(recordBytes(log, window, position));
      count++;
    }
    if (count > 0) whole.update(stayBytes(member.stay, tag, count)).update(records.digest());
  }
  return { patients, data: new Uint8Array(whole.digest()) };
}

/** [PROTO-13] In log order, by rising window and position. */
function* incrementsOf(store: Store, { vital, bins, from, to }: BinsPlan, { parts }: Member) {
  for (const { log, state, before } of parts) {
    const first = binsKey(state.log, state.number, vital, from, 0);
    const end =
      to < SECOND_MAX
        ? binsKey(state.log, state.number, vital, to, 0)
        : binsKey(state.log, state.number, vital + 1, 0, 0);
    for (const key of store.keys('bins', first, end)) {
      const { window, position } = windowOfBinsKey(key);
      if (position >= before) continue;
      const { readings, shares } = readIncrement(store.get('bins', key)!);
      if (elementCount(shares) !== bins) continue; // [PROTO-36]
      yield { log: log.log, window, position, readings, shares };
    }
  }
}

/** window u32 ‖ log 16 B ‖ position u64 */
function recordBytes(log: string, window: number, position: number): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, window, true);
  bytes.set(fromHex(log, 16), 4);
  view.setBigUint64(20, BigInt(position), true);
  return bytes;
}

/** stay ‖ 00 ‖ tag ‖ 00 ‖ records u32 */
function stayBytes(stay: string, tag: string, records: number): Uint8Array {
  const names = utf8(`${stay}\0${tag}\0`);
  const bytes = new Uint8Array(names.length + 4);
  bytes.set(names);
  new DataView(bytes.buffer).setUint32(names.length, records, true);
  return bytes;
}
