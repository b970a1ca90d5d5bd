/** For tests: data servers that follow a log and tell each other their heads, without sockets or time. */
import { toBase64Url } from '@vitalshare/edge/seal';
import type { HeldHead } from '../../messages/signed-head.ts';
import { Applier } from '../apply.ts';
import { MemoryStore } from '../store-memory.fixture.ts';
import { applyLog, makeWorld, type TestLog, type TestWorld } from '../world.fixture.ts';
import { HeadWatch } from './watch.ts';

export class Watchers {
  readonly world: TestWorld;
  nowMs = 1_800_000_000_000;
  readonly said: string[] = [];
  readonly stores: MemoryStore[];
  readonly appliers: Applier[] = [];
  readonly watches: HeadWatch[] = [];
  /** What server j states instead of the truth. */
  readonly lies = new Map<number, (held: readonly HeldHead[]) => HeldHead[]>();
  /** What every operator has dealt with, by id. */
  readonly acknowledged = new Map<string, number>();
  /** Servers that say of any end of a batch that they have, or have not, got it. */
  readonly ends = new Map<number, boolean>();
  /** Sources that do not answer whether they have one; 0 is the log host. */
  readonly mute = new Set<number>();

  constructor(servers = 3, threshold = 1) {
    this.world = makeWorld(servers, threshold);
    this.stores = this.world.dataServers.map(() => new MemoryStore());
    for (const { server } of this.world.dataServers) this.start(server);
  }

  /** Starts server j (again), on its own store or an empty one. */
  start(server: number, store = this.stores[server - 1]!): void {
    const applier = new Applier(this.world.dataServers[server - 1]!, store);
    const watch = new HeadWatch({
      ...{ applier, store, clock: () => this.nowMs },
      acknowledged: () => this.acknowledged,
      report: (sentence) => this.said.push(`${server}: ${sentence}`),
      hasEnd: (source, log, end) => {
        if (this.mute.has(source)) return Promise.reject(new Error('no answer'));
        const lie = this.ends.get(source);
        if (lie !== undefined) return Promise.resolve(lie);
        const found = this.appliers[source - 1]?.hashes.endingAt(log, end.position);
        return Promise.resolve(found !== undefined && toBase64Url(found) === end.hash);
      },
    });
    this.appliers[server - 1] = applier;
    this.watches[server - 1] = watch;
  }

  /** These servers read the log to its end, hear its signed head and commit. */
  async follow(log: TestLog, servers: readonly number[]): Promise<void> {
    for (const server of servers) {
      const applier = this.appliers[server - 1]!;
      if (applier.headOf(log.name).position < log.position) applyLog(applier, log);
      this.list(log, server);
      await applier.flush();
    }
  }

  /** Server j asks its log host, which shows this log's end as signed at `time`. */
  list(log: TestLog, server: number, time = this.nowMs): void {
    this.watches[server - 1]!.listed([{ log: log.name, head: log.signedHead(time) }]);
  }

  /** All ask all, twice unless said, so that what one just learnt is told on. */
  async gossip(rounds = 2): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const told = this.watches.map(({ held }, i) => this.lies.get(i + 1)?.(held) ?? held);
      for (const [i, watch] of this.watches.entries()) {
        told.forEach((heads, j) => {
          if (j === i) return;
          const older = watch
            .stuckBehind(j + 1)
            .map(({ log, position }) => this.watches[j]!.heldUpTo(log, position));
          watch.fromPeer(j + 1, [...older.filter((held) => held !== undefined), ...heads]);
        });
        await watch.tick();
      }
      this.nowMs += 5_000;
    }
  }

  alarms(server: number) {
    return this.watches[server - 1]!.alarms.list;
  }

  kinds(server: number): string[] {
    return this.alarms(server).map(({ kind }) => kind);
  }
}
