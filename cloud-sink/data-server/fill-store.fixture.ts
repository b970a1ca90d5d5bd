/**
 * For benchmarks and tests of memory: a store with as many rows as wanted, written chunk by chunk as
 * a commit would write it, with random words for shares.
 *
 *   stays of STAY_CHUNKS · 4,000 s, frames of 60 readings, all vital signs of a stay in each
 *
 * 16 bytes a row of two vital signs: 1.6 GB for 100 million.
 */
import { randomFillSync } from 'node:crypto';
import { utf8 } from '@vitalshare/edge/seal';
import { CHUNK_SECONDS, type Chunk, emptyChunk, encodeArrivals, encodeShares } from './chunk.ts';
import type { Member } from './cohort.ts';
import { chunkKey, logKey, stayKey } from './keys.ts';
import { type LogState, newLog, newStay } from './state.ts';
import type { Put, Store } from './store.ts';

/** Five days. */
const STAY_CHUNKS = 108;
const FRAME_SECONDS = 60;
const FRAMES_A_CHUNK = Math.ceil(CHUNK_SECONDS / FRAME_SECONDS);
/** 1,700,000,000 s, 2023-11-14. */
const FIRST_CHUNK = 425_000;
const COMMIT_CHUNKS = 256;

export interface Filled {
  readonly log: LogState;
  /** As of all of it. */
  readonly members: readonly Member[];
  readonly rows: number;
  /** UTC seconds. */
  readonly from: number;
  readonly to: number;
}

export interface FillOptions {
  /** Rounded up to whole chunks. */
  readonly rows: number;
  /** Vital codes. */
  readonly vitals: readonly number[];
  /** Whether a slot of a chunk holds a reading of a vital sign; all do where left out. */
  readonly isPresent?: (vital: number, slot: number) => boolean;
  /** Told the rows written so far, after each commit. */
  readonly progress?: (rows: number) => void;
}

/** An empty store; throws StoreError where the disk is full. */
export async function fillStore(store: Store, options: FillOptions): Promise<Filled> {
  const { vitals, progress } = options;
  const chunks = Math.ceil(options.rows / CHUNK_SECONDS);
  const log = newLog(1, '5c'.repeat(16));
  log.position = chunks * FRAMES_A_CHUNK + 1;
  const members: Member[] = [];
  let puts: Put[] = [{ table: 'logs', key: logKey(log.index), value: utf8(JSON.stringify(log)) }];
  for (let c = 0; c < chunks; c++) {
    if (c % STAY_CHUNKS === 0) {
      const member = memberOf(log, members.length + 1);
      const { state } = member.parts[0]!;
      const key = stayKey(log.index, state.number);
      puts.push({ table: 'stays', key, value: utf8(JSON.stringify(state)) });
      members.push(member);
    }
    const stay = members.length;
    for (const vital of vitals) {
      const key = chunkKey({ log: log.index, stay, vitals: [vital] }, FIRST_CHUNK + c);
      const chunk = randomChunk(1 + c * FRAMES_A_CHUNK, (slot) =>
        options.isPresent ? options.isPresent(vital, slot) : true,
      );
      puts.push({ table: 'shares', key, value: encodeShares(chunk) });
      puts.push({ table: 'arrivals', key, value: encodeArrivals(chunk) });
    }
    if ((c + 1) % COMMIT_CHUNKS === 0 || c + 1 === chunks) {
      await store.commit(puts);
      puts = [];
      progress?.((c + 1) * CHUNK_SECONDS);
    }
  }
  const from = FIRST_CHUNK * CHUNK_SECONDS;
  const rows = chunks * CHUNK_SECONDS;
  return { log, members, rows, from, to: from + rows };
}

function memberOf(log: LogState, number: number): Member {
  const stay = `bed-${String(number).padStart(6, '0')}`;
  const state = newStay(log.index, number, stay);
  const version = { position: 0, tag: stay, admitted: true, labels: {} };
  state.versions.push(version);
  return { stay, version, parts: [{ log, state, before: log.position }] };
}

function randomChunk(position: number, isPresent: (slot: number) => boolean): Chunk {
  const chunk = emptyChunk();
  randomFillSync(chunk.lows);
  randomFillSync(chunk.highs);
  for (let slot = 0; slot < CHUNK_SECONDS; slot++) {
    if (isPresent(slot)) {
      chunk.presence[slot >>> 3]! |= 1 << (slot & 7);
      chunk.lows[slot]! &= 0x7fffffff;
      chunk.highs[slot]! &= 0x3fffffff;
    } else {
      chunk.lows[slot] = 0;
      chunk.highs[slot] = 0;
    }
  }
  for (let frame = 0; frame < FRAMES_A_CHUNK; frame++) {
    const end = Math.min(CHUNK_SECONDS, (frame + 1) * FRAME_SECONDS);
    for (let slot = frame * FRAME_SECONDS; slot < end;) {
      while (slot < end && !isPresent(slot)) slot++;
      const first = slot;
      while (slot < end && isPresent(slot)) slot++;
      if (slot > first) {
        chunk.arrivals.push({ position: position + frame, first, slots: slot - first });
      }
    }
  }
  return chunk;
}
