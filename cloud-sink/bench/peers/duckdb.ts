/**
 * DuckDB on plaintext: five plain sums of two integer columns, in memory and from its own file.
 *
 * BIGINT, the type a fixed-point reading has; DOUBLE takes DuckDB twice as long here.
 */
import { join } from 'node:path';
import { peer } from './peer.ts';

interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>;
  closeSync(): void;
}
interface Module {
  DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
}

export interface DuckDb {
  threads(count: number): Promise<void>;
  /** Σx, Σy, Σxy, Σxx, Σyy over the rows where both are there. */
  fiveSums(): Promise<bigint[]>;
  close(): void;
}

/**
 * `folder` undefined keeps the table in memory, else in a file there. Where `gaps`, y is absent in 16
 * rows of every 256.
 */
export async function openDuckDb(
  rows: number,
  { folder, gaps = false }: { readonly folder?: string; readonly gaps?: boolean } = {},
): Promise<DuckDb> {
  const { DuckDBInstance } = peer('@duckdb/node-api') as Module;
  const instance = await DuckDBInstance.create(
    folder === undefined ? ':memory:' : join(folder, 'plain.duckdb'),
  );
  const connection = await instance.connect();
  const y = '(900 + floor(random() * 100))::BIGINT';
  await connection.run(
    'CREATE TABLE plain AS SELECT (600 + floor(random() * 400))::BIGINT AS x, ' +
      `${gaps ? `CASE WHEN range % 256 < 16 THEN NULL ELSE ${y} END` : y} AS y ` +
      `FROM range(${rows})`,
  );
  await connection.run('CHECKPOINT');
  const where = gaps ? ' WHERE x IS NOT NULL AND y IS NOT NULL' : '';
  const sql = `SELECT sum(x), sum(y), sum(x * y), sum(x * x), sum(y * y) FROM plain${where}`;
  return {
    threads: async (count) => {
      await connection.run(`SET threads = ${count}`);
    },
    fiveSums: async () => (await connection.runAndReadAll(sql)).getRows()[0] as bigint[],
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
