/**
 * What a data server knows besides shares: how far each log is, and its stays.
 *
 * Both are JSON in the store (`store.ts`), written in the same commit as the shares they speak of,
 * so a server that was killed goes on from one consistent point: nothing twice, nothing lost.
 */
import type { Labels } from '../messages/names.ts';
import type { Table } from './store.ts';
import type { Tally } from './tally.ts';

/** Records that were passed over, and readings whose cell was taken [PROTO-9] [PROTO-19]. */
export interface Counters {
  frames: number;
  cells: number;
  /** Bins records kept; absent in a store from before there were any. */
  bins?: number;
  'cell-taken': number;
  /** Not well formed. */
  malformed: number;
  /** A masked frame of a stay number never announced. */
  'unknown-stay': number;
  /** A stay number or name that already belongs to another. */
  'stay-conflict': number;
  /** A counter that did not rise: its keystream may have been used [S1]. */
  'counter-reused': number;
}

const noCounters = (): Counters => ({
  frames: 0,
  cells: 0,
  'cell-taken': 0,
  malformed: 0,
  'unknown-stay': 0,
  'stay-conflict': 0,
  'counter-reused': 0,
});

export interface LogState {
  /** This server's own short number for it. */
  readonly index: number;
  /** 16 bytes in hex. */
  readonly log: string;
  /** From its genesis: with `log`, its place among logs [PROTO-9]. */
  created: number;
  position: number;
  /** Of the last batch, hex. */
  hash: string;
  /** The newest run, 0 before the first. */
  run: number;
  epoch: number;
  counters: Counters;
  /** Which keys the store has of this log, table by table; of chunks see its stays. */
  readonly kept: Partial<Record<Table, Tally>>;
}

/** What a stay record said, from `position` on. */
export interface StayVersion {
  readonly position: number;
  readonly tag: string;
  readonly admitted: boolean;
  readonly labels: Labels;
}

/** from ≤ time < to, in seconds or µs. */
export interface Span {
  from: number;
  to: number;
}

export interface StayState {
  readonly log: number;
  readonly number: number;
  readonly stay: string;
  /** By rising position. */
  readonly versions: StayVersion[];
  /** The last counter taken, and the run it was in [SHARE-7]. */
  run: number;
  counter: number;
  /** The same of bins records, whose counter is one of its own [SHARE-21]; absent before the first. */
  binsRun?: number;
  binsCounter?: number;
  /** The longest a frame reaches from its first µs: how far back a history search must look. */
  frameMicrosMax: number;
  /** Vital code → what is held. */
  readonly vitals: Record<string, Span & { rows: number }>;
  /** `channel.lead` codes → µs held. */
  readonly waveforms: Record<string, Span>;
  /** Vital codes of a column, `a` or `a.b` → its chunks; absent before the first. */
  chunks?: Record<string, Tally>;
}

export const newLog = (index: number, log: string): LogState => ({
  index,
  log,
  created: 0,
  position: 0,
  hash: '00'.repeat(32),
  run: 0,
  epoch: 0,
  counters: noCounters(),
  kept: {},
});

export const newStay = (log: number, number: number, stay: string): StayState => ({
  log,
  number,
  stay,
  versions: [],
  run: 0,
  counter: 0,
  frameMicrosMax: 0,
  vitals: {},
  waveforms: {},
});

/** Widens `spans[key]` to hold [from, to). */
export function widen<Held extends Span>(
  spans: Record<string, Held>,
  key: string,
  from: number,
  to: number,
  empty: (span: Span) => Held,
): Held {
  const held = (spans[key] ??= empty({ from, to }));
  held.from = Math.min(held.from, from);
  held.to = Math.max(held.to, to);
  return held;
}

/** [PROTO-9] Logs in the order in which they fill cells. */
export const byLogOrder = (a: LogState, b: LogState): number =>
  a.created - b.created || (a.log < b.log ? -1 : 1);

/** The newest version before `position`, or undefined: the stay was not announced yet. */
export const versionAsOf = (stay: StayState, position: number): StayVersion | undefined =>
  stay.versions.findLast((version) => version.position < position);
