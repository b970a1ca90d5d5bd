/**
 * The books of a data server: every log and stay it knows, in memory, loaded from the store once and
 * changed by `apply.ts` only.
 */
import { fromHex } from '@vitalshare/edge/seal';
import type { Snapshot } from '../messages/query.ts';
import type { StoreDamage } from './checked-store.ts';
import { decodeJson, encodeJson } from './json.ts';
import { logKey, runKey, stayKey } from './keys.ts';
import { byLogOrder, type LogState, newLog, type StayState } from './state.ts';
import type { Put, Store } from './store.ts';

const LOG_MAX = 0xffff;

export class Books {
  readonly #store: Store;
  readonly #logs = new Map<string, LogState>();
  /** log index → number → stay. */
  readonly #stays = new Map<number, Map<number, StayState>>();
  /** Name → its stays, one a log. */
  readonly #byName = new Map<string, StayState[]>();
  readonly #changedLogs = new Set<LogState>();
  readonly #changedStays = new Set<StayState>();
  /** What the commit under way holds; it may change again meanwhile. */
  #landing = new Set<LogState | StayState>();

  constructor(store: Store) {
    this.#store = store;
    for (const key of store.keys('logs', logKey(0), logKey(LOG_MAX))) {
      const log = decodeJson(store.get('logs', key)!) as LogState;
      this.#logs.set(log.log, log);
    }
    for (const { index } of this.#logs.values()) {
      for (const key of store.keys('stays', stayKey(index, 0), stayKey(index + 1, 0))) {
        this.#index(decodeJson(store.get('stays', key)!) as StayState);
      }
    }
  }

  /** In the order in which they fill cells [PROTO-9]. */
  get logs(): LogState[] {
    return [...this.#logs.values()].sort(byLogOrder);
  }

  log(id: string): LogState | undefined {
    return this.#logs.get(id);
  }

  /** Its genesis is being applied. */
  addLog(id: string, index = this.#nextIndex): LogState {
    const log = newLog(index, id);
    if (log.index >= LOG_MAX) throw new RangeError(`at most ${LOG_MAX} logs`);
    this.#logs.set(id, log);
    return log;
  }

  get #nextIndex(): number {
    return Math.max(0, ...[...this.#logs.values()].map(({ index }) => index)) + 1;
  }

  stay(log: number, number: number): StayState | undefined {
    return this.#stays.get(log)?.get(number);
  }

  addStay(stay: StayState): void {
    this.#index(stay);
  }

  /** Of one log. */
  staysOf({ index }: LogState): StayState[] {
    return [...(this.#stays.get(index)?.values() ?? [])];
  }

  /** Every name, rising. */
  get names(): string[] {
    return [...this.#byName.keys()].sort();
  }

  /** One stay's states, in log order. */
  named(name: string): { log: LogState; state: StayState }[] {
    const states = this.#byName.get(name) ?? [];
    return this.logs.flatMap((log) => {
      const state = states.find((each) => each.log === log.index);
      return state ? [{ log, state }] : [];
    });
  }

  changed(what: LogState | StayState): void {
    if ('versions' in what) this.#changedStays.add(what);
    else this.#changedLogs.add(what);
  }

  /** Writes a damaged log or stay again, from memory; false where the damage is of something else. */
  rewrite({ table, key, fault }: StoreDamage): boolean {
    if (fault !== 'checksum') return false;
    const view = new DataView(key.buffer, key.byteOffset);
    const index = view.getUint16(0);
    const log = this.logs.find((each) => each.index === index);
    const held = table === 'stays' ? this.stay(index, view.getUint32(2)) : log;
    if ((table !== 'stays' && table !== 'logs') || !held) return false;
    this.changed(held);
    return true;
  }

  /** What the next commit must write, what did not land before too; call `landed` when it has. */
  takePuts(): Put[] {
    for (const changed of [this.#changedLogs, this.#changedStays]) {
      for (const each of changed) this.#landing.add(each);
      changed.clear();
    }
    return [...this.#landing].map((each): Put => {
      const value = encodeJson(each);
      return 'versions' in each
        ? { table: 'stays', key: stayKey(each.log, each.number), value }
        : { table: 'logs', key: logKey(each.index), value };
    });
  }

  landed(): void {
    this.#landing = new Set();
  }

  /** The run records of a log that the store holds, by run. */
  storedRuns(log: LogState): Map<number, Uint8Array> {
    const runs = new Map<number, Uint8Array>();
    for (let run = 1; run <= log.run; run++) {
      const record = this.#store.get('runs', runKey(log.index, run));
      if (record) runs.set(run, record);
    }
    return runs;
  }

  /** Whether every log of `asOf` has come that far. */
  reached(asOf: Snapshot): boolean {
    return Object.entries(asOf).every(
      ([id, position]) => (this.#logs.get(id)?.position ?? 0) >= position,
    );
  }

  #index(stay: StayState): void {
    let ofLog = this.#stays.get(stay.log);
    if (!ofLog) this.#stays.set(stay.log, (ofLog = new Map<number, StayState>()));
    ofLog.set(stay.number, stay);
    const named = this.#byName.get(stay.stay) ?? [];
    this.#byName.set(stay.stay, [...named, stay]);
  }
}

export const logBytes = (log: LogState): Uint8Array => fromHex(log.log, 16);
