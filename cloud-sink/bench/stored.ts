/**
 * The same sums out of a store: lmdb in a folder of its own under the system's temporary folder, filled
 * with random shares, 1.6 GB for 100 million rows of two vital signs. `close` removes it.
 */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckedStore } from '../data-server/checked-store.ts';
import { Columns } from '../data-server/columns.ts';
import { type Filled, fillStore } from '../data-server/fill-store.fixture.ts';
import { computeMoments, type Moments, type MomentsPlan } from '../data-server/moments.ts';
import { WorkerPool } from '../data-server/scan-pool.ts';
import { LmdbStore } from '../data-server/store-lmdb.ts';

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

export class StoredShares {
  readonly #folder: string;
  readonly #store: CheckedStore;
  readonly #filled: Filled;
  readonly #columns: Columns;

  private constructor(folder: string, store: CheckedStore, filled: Filled) {
    this.#folder = folder;
    this.#store = store;
    this.#filled = filled;
    this.#columns = new Columns(store);
  }

  /** With `gaps` the second vital sign is absent for 16 s of every 256. */
  static async fill(rows: number, { gaps = false } = {}): Promise<StoredShares> {
    const folder = mkdtempSync(join(tmpdir(), 'vitalshare-bench-'));
    const store = new CheckedStore(new LmdbStore(folder));
    const isPresent = (vital: number, slot: number) => !gaps || vital !== 3 || slot % 256 >= 16;
    return new StoredShares(
      folder,
      store,
      await fillStore(store, { rows, vitals: [1, 3], isPresent }),
    );
  }

  /** A pool over this store, warm. */
  async pool(threads: number): Promise<WorkerPool> {
    const pool = new WorkerPool(this.#folder, threads);
    await pool.warm();
    return pool;
  }

  /** Every chunk read and summed, as at the first question ever. */
  scan(pool?: WorkerPool): Promise<Moments> {
    return computeMoments(new Columns(this.#store, { pool }), this.#plan(), breathe);
  }

  /** As a server answers that was asked before; the first call scans and keeps summaries. */
  async ask(): Promise<Moments> {
    const moments = await computeMoments(this.#columns, this.#plan(), breathe);
    const puts = this.#columns.takePuts();
    if (puts.length > 0) await this.#store.commit(puts);
    this.#columns.landed();
    return moments;
  }

  async close(): Promise<void> {
    await this.#store.close();
    rmSync(this.#folder, { recursive: true });
  }

  #plan(): MomentsPlan {
    const { members, from, to } = this.#filled;
    return { logs: [], members, vitals: [1, 3], degree: 2, from, to, productColumns: false };
  }
}

/** Memory of this process that no file stands behind, MB; NaN where there is no /proc. */
export function anonymousMB(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) / 1_000;
  } catch {
    return NaN;
  }
}
