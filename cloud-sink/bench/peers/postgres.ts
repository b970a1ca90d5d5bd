/**
 * PostgreSQL on plaintext: `corr(x, y)` over one connection to a cluster of its own in a temporary
 * folder, default settings, the socket in that folder. Debian's server programs; not as root, which
 * PostgreSQL refuses.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { peer } from './peer.ts';

interface Client {
  connect(): Promise<void>;
  query(sql: string): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
}
interface Module {
  Client: new (options: object) => Client;
}

export interface Postgres {
  readonly version: string;
  correlation(): Promise<number>;
  close(): Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';

/** The folder of `postgres` and `initdb`; undefined where the server is not installed. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  return readdirSync(DEBIAN)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

/** A table of `rows` rows of two doubles. */
export async function openPostgres(
  programs: string,
  folder: string,
  rows: number,
): Promise<Postgres> {
  const data = join(folder, 'postgres');
  mkdirSync(data);
  const owner = process.getuid?.() === 0 ? ownerIds() : undefined;
  if (owner) chownSync(data, owner.uid, owner.gid);
  const options = { ...owner, cwd: data, stdio: 'ignore' as const };
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'bench', '--auth=trust'], options);
  const args = ['-D', data, '-k', data, '-c', 'listen_addresses='];
  const server = spawn(join(programs, 'postgres'), args, options);
  const client = await connected(data);
  await client.query(
    'CREATE TABLE plain AS SELECT (600 + floor(random() * 400)) / 10 AS x, ' +
      `(900 + floor(random() * 100)) / 10 AS y FROM generate_series(1, ${rows})`,
  );
  await client.query('VACUUM ANALYZE plain');
  const [first] = (await client.query('SHOW server_version')).rows;
  return {
    version: String(first!['server_version']).split(' ')[0]!,
    correlation: async () =>
      Number((await client.query('SELECT corr(x, y) AS r FROM plain')).rows[0]!['r']),
    close: async () => {
      await client.end();
      const closed = new Promise((resolve) => server.once('close', resolve));
      server.kill('SIGINT');
      await closed;
    },
  };
}

async function connected(host: string): Promise<Client> {
  const { Client } = peer('pg') as Module;
  for (let attempt = 0; ; attempt++) {
    const client = new Client({ host, port: 5432, user: 'bench', database: 'postgres' });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function ownerIds(): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
