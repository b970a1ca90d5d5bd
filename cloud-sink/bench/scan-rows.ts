/** Five sums (x, y, xy, xx, yy) over shares at one server, against plaintext in DuckDB, JavaScript. */
import { PlaintextInMemory, SharesInMemory, sharesInWorkers } from './five-sums.ts';
import { openDuckDb } from './peers/duckdb.ts';
import { anonymousMB, StoredShares } from './stored.ts';
import { ratioRow, type Row } from './table.ts';
import { mediansMs } from './timing.ts';

const DUCKDB = 'DuckDB, BIGINT';

export async function scanRows(rows: number, folder: string): Promise<Row[]> {
  return [...(await inMemory(rows)), ...(await fromLmdb(rows, folder))];
}

async function inMemory(rows: number): Promise<Row[]> {
  const duckDb = await openDuckDb(rows);
  const plaintext = new PlaintextInMemory(rows);
  const shares = new SharesInMemory(rows);
  const workers = await sharesInWorkers(rows, 2);
  try {
    await duckDb.threads(1);
    const works = [() => shares.sum(), () => duckDb.fiveSums(), () => plaintext.sum()];
    const [own, duck, loop] = (await mediansMs(works)) as [number, number, number];
    await duckDb.threads(2);
    const two = [() => workers.sum(), () => duckDb.fiveSums()];
    const [own2, duck2] = (await mediansMs(two)) as [number, number];
    const what = `five sums of ${rows} rows in memory, one server`;
    return [
      ratioRow(`${what}, 1 thread`, own, DUCKDB, duck, { most: 0.66 }),
      ratioRow('the same, 2 threads', own2, DUCKDB, duck2, { most: 0.66 }),
      ratioRow('the same, 1 thread', own, 'JavaScript, Float64Array', loop, { most: 5 }),
    ];
  } finally {
    await workers.close();
    duckDb.close();
  }
}

async function fromLmdb(rows: number, folder: string): Promise<Row[]> {
  const duckDb = await openDuckDb(rows, { folder, gaps: true });
  const stored = await StoredShares.fill(rows, { gaps: true });
  let most = 0;
  const watching = setInterval(() => (most = Math.max(most, anonymousMB())), 20);
  const before = anonymousMB();
  try {
    await duckDb.threads(1);
    const one = [() => stored.scan(), () => duckDb.fiveSums()];
    const [own, duck] = (await mediansMs(one)) as [number, number];
    const pool = await stored.pool(2);
    await duckDb.threads(2);
    const two = [() => stored.scan(pool), () => duckDb.fiveSums()];
    const [own2, duck2] = (await mediansMs(two)) as [number, number];
    await pool.close();
    const file = `${DUCKDB}, its own file`;
    const what = `five sums of ${rows} rows from lmdb with presence and digest, y with gaps`;
    return [
      ratioRow(`${what}, 1 thread`, own, file, duck, { most: 1 }),
      ratioRow('the same, 2 threads', own2, file, duck2, { most: 1 }),
    ];
  } finally {
    clearInterval(watching);
    process.stderr.write(`bench: scanning added ${(most - before).toFixed(0)} MB\n`);
    await stored.close();
    duckDb.close();
  }
}
