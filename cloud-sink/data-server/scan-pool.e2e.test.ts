/** Worker threads as a data server has them: real threads over a real lmdb store. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteArrival, putShare } from './chunk.ts';
import { CheckedStore } from './checked-store.ts';
import { Columns } from './columns.ts';
import { type Filled, fillStore } from './fill-store.fixture.ts';
import { computeMoments, type Moments, type MomentsPlan } from './moments.ts';
import { type ScanJob, WorkerPool } from './scan-pool.ts';
import { LmdbStore } from './store-lmdb.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
const told = ({ count, sums, products, data }: Moments) => ({ count, sums, products, data });

class CountingPool extends WorkerPool {
  chunks = 0;
  override scan(job: ScanJob) {
    this.chunks += job.numbers.length;
    return super.scan(job);
  }
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitalshare-pool-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a pool of workers', () => {
  let store: CheckedStore;
  let pool: CountingPool;
  let filled: Filled;
  let plan: MomentsPlan;
  beforeAll(async () => {
    store = new CheckedStore(new LmdbStore(join(folder, 'store')));
    filled = await fillStore(store, {
      rows: 160_000,
      vitals: [1, 3],
      isPresent: (vital, slot) => slot % (vital + 5) !== 0,
    });
    pool = new CountingPool(join(folder, 'store'), 2);
    await pool.warm();
    const { members, from, to } = filled;
    plan = { logs: [], members, vitals: [3, 1], degree: 2, from, to, productColumns: false };
  });
  afterAll(async () => {
    await pool.close();
    await store.close();
  });

  it('finds what one thread finds, and leaves the same summaries', async () => {
    const alone = await computeMoments(new Columns(store), plan, breathe);
    const columns = new Columns(store, { pool });
    expect(told(await computeMoments(columns, plan, breathe))).toEqual(told(alone));
    expect(pool.chunks).toBe(40);
    expect(told(await computeMoments(columns, plan, breathe))).toEqual(told(alone));
    expect(pool.chunks).toBe(40);
    expect(alone.count).toBeGreaterThan(100_000);
  });

  it('sees what was committed since, and leaves to this thread what was not', async () => {
    const columns = new Columns(store, { pool });
    const number = filled.from / 4_000;
    const add = (slot: number): void => {
      for (const vital of [1, 3]) {
        const chunk = columns.change({ log: 1, stay: 1, vitals: [vital] }, number);
        expect(putShare(chunk, slot, 7, 0)).toBe(vital === 1 ? slot % 6 === 0 : slot % 8 === 0);
        noteArrival(chunk, slot, 1);
      }
    };
    const before = await computeMoments(columns, plan, breathe);
    add(0);
    pool.chunks = 0;
    const dirty = await computeMoments(columns, plan, breathe);
    expect(dirty.count).toBe(before.count + 1);
    await store.commit(columns.takePuts());
    columns.landed();
    const fresh = new Columns(store, { pool });
    pool.chunks = 0;
    // One second in: summaries are of no use to the first chunk, so that it is scanned again.
    const part = { ...plan, from: filled.from - 1, vitals: [3] };
    const both = await Promise.all(
      [fresh, new Columns(store)].map((each) => computeMoments(each, part, breathe)),
    );
    expect(told(both[0]!)).toEqual(told(both[1]!));
    expect(pool.chunks).toBe(40);
    expect(told(await computeMoments(fresh, plan, breathe))).toEqual(told(dirty));
  });
});

const job: ScanJob = {
  plan: { vitals: [1], degree: 0, from: 0, to: 1, productColumns: false },
  parts: [],
  numbers: [1],
};

function started(name: string, source: string): URL {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, source);
  return pathToFileURL(file);
}

it('a worker that dies is one error, and the next job has another worker', async () => {
  const dying = started(
    'dying.mjs',
    `import { parentPort } from 'node:worker_threads';
     parentPort.postMessage('ready');
     parentPort.on('message', () => process.exit(3));`,
  );
  const pool = new WorkerPool(folder, 1, dying);
  for (let round = 0; round < 2; round++) {
    expect(pool.scan(job)).toBeUndefined();
    await pool.warm();
    const error = 'a worker ended with code 3 while it scanned; ask again';
    const jobs = [pool.scan(job), pool.scan(job)];
    for (const each of jobs) await expect(each).rejects.toThrow(error);
  }
  await pool.close();
  expect(pool.scan(job)).toBeUndefined();
});

it('what fails in a job is told, and the worker goes on', async () => {
  const lmdb = new LmdbStore(join(folder, 'damaged'));
  const store = new CheckedStore(lmdb);
  const key = Uint8Array.of(0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1);
  await store.commit([
    { table: 'shares', key, value: new Uint8Array(5) },
    { table: 'arrivals', key, value: new Uint8Array(12) },
  ]);
  const pool = new WorkerPool(join(folder, 'damaged'), 1);
  await pool.warm();
  const parts = [{ id: new Uint8Array(16), log: 1, stay: 1, before: 9 }];
  await expect(pool.scan({ ...job, parts })).rejects.toThrow(
    'a worker could not scan: the store is damaged: a chunk has 32500 bytes of shares',
  );
  await expect(pool.scan(job)).resolves.toHaveLength(16);
  await pool.close();
  await store.close();
});

it('a worker that loads the opening door ends its server, under the hook of the tests', () => {
  const open = pathToFileURL(join(root, 'edge/sharing/open.ts')).href;
  const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/esm/api/index.mjs')).href;
  const worker = started(
    'cloud-sink/data-server/planted.mjs',
    `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(open)});`,
  );
  const main = started(
    'main.mjs',
    `import { Worker } from 'node:worker_threads';
     new Worker(new URL(${JSON.stringify(worker.href)}));
     setTimeout(() => console.log('still here'), 3000);`,
  );
  const run = (hook: readonly string[]) =>
    spawnSync(process.execPath, [...hook, fileURLToPath(main)], {
      encoding: 'utf8',
      timeout: 30_000,
    });
  expect(run([]).stdout).toBe('still here\n');
  const hook = `--import=${pathToFileURL(join(root, '.ci/no-opening.mjs')).href}`;
  const { signal, stderr, stdout } = run([hook]);
  expect([signal, stdout]).toEqual(['SIGKILL', '']);
  expect(stderr).toContain('a server loaded the opening door from');
});
