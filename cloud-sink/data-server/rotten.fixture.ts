/** For tests of damage: a server's store in memory whose bits can be flipped under its checksums. */
import { Applier } from './apply.ts';
import { CheckedStore } from './checked-store.ts';
import { type Table, TABLES } from './store.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { applyLog, column, makeWorld, TestLog, type TestWorld } from './world.fixture.ts';

export const T = 1_700_000_000;
const FIRST = Uint8Array.of(0);
const END = new Uint8Array(30).fill(0xff);
const readings = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i);

export class Rotten extends CheckedStore<MemoryStore> {
  flip(table: Table, key: Uint8Array, bit: number): void {
    const bytes = this.inner.get(table, key)!;
    bytes[(bit >>> 3) % bytes.length]! ^= 1 << (bit & 7);
    void this.inner.commit([{ table, key, value: bytes }]);
  }
  all(table: Table): Uint8Array[] {
    return [...this.keys(table, FIRST, END)];
  }
  /** Everything but what tells of damages, in hex. */
  dump(): Record<string, string> {
    const dump: Record<string, string> = {};
    for (const table of TABLES.filter((each) => each !== 'damages')) {
      for (const key of this.all(table)) {
        const hex = Buffer.from(this.inner.get(table, key)!).toString('hex');
        dump[`${table} ${Buffer.from(key).toString('hex')}`] = hex;
      }
    }
    return dump;
  }
}

export interface Ward {
  readonly world: TestWorld;
  readonly log: TestLog;
  readonly store: Rotten;
  readonly applier: Applier;
}

/** Server 1 after a stay with two vital signs in three chunks, a segment, counts, a second run. */
export async function makeWard(servers = 3, threshold = 1): Promise<Ward> {
  const world = makeWorld(servers, threshold);
  const log = new TestLog(world);
  log.stay(1, 'bed-1').stay(2, 'bed-2');
  const both = (from: number, count = 30) => ({
    'heart-rate': column(from, readings(count, 600)),
    spo2: column(from, readings(count, 900)),
  });
  log.frame(1, both(T)).commit();
  log
    .frame(1, both(T + 20))
    .frame(1, both(T + 3_990))
    .frame(2, both(T))
    .commit();
  log.bins(1, 'spo2', T - (T % 300), [97, 98]).commit();
  log.startRun();
  log
    .frame(1, both(T + 8_100))
    .frame(1, { spo2: column(T + 10, readings(60, 910)) })
    .commit();
  const store = new Rotten(new MemoryStore());
  const applier = new Applier(world.dataServers[0]!, store);
  applyLog(applier, log);
  await applier.flush();
  return { world, log, store, applier };
}
