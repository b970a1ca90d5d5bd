/**
 * `vitalshare data-server --dir <party folder>`: one data server until it is told to stop.
 *
 * The one place of this process where time, randomness, network and disk come from the machine.
 * SIGTERM and SIGINT commit, close and exit 0; a kill costs nothing but the work since the last commit
 * (COMMIT_EVERY_MS). The folder is locked before its store is opened: one process holds the shares.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Call, type Command, textOption, UserError } from '@vitalshare/edge/command/node';
import { isLogJson, LOG_OPTION, saying } from '@vitalshare/edge/command/say/node';
import {
  loadParty,
  loadServerKeys,
  lockFolder,
  type Party,
  urlAt,
} from '@vitalshare/edge/keys/node';
import type { Say } from '@vitalshare/edge/operations';
import { collectDefaultMetrics } from 'prom-client';
import { aheadFiles } from './ahead-node.ts';
import { alarmsCommand } from './alarms-command.ts';
import { type DataServer, startDataServer } from './server.ts';
import { StoreDamage } from './checked-store.ts';
import { acknowledgedIn } from './heads/acknowledged.ts';
import { keyFileIn } from './elgamal/key-file.ts';
import { inspectCommand } from './inspect-command.ts';
import { openStore, setAside } from './open-store.ts';
import { WorkerPool } from './scan-pool.ts';
import { scrubCommand } from './scrub-command.ts';
import { StoreError } from './store.ts';

const HELP = `
Run one data server: follow the gateway's log, keep this server's shares, answer
signed questions. It never holds a reading, and alone it can open nothing.

  vitalshare data-server --dir <folder>
  vitalshare data-server inspect --dir <folder>   what do I hold? never a value
  vitalshare data-server scrub --dir <folder>     is all of it whole? exit 1 if not
  vitalshare data-server alarms --dir <folder>    what has it against its gateway, log or another
                                                  server? exit 1 if one waits for you

  --dir <folder>   the server's party folder: identity.json, configuration.json,
                   addresses.json, keys.json; shares go to its store/
  --acknowledge <id>  of alarms: you have dealt with this one, or with all; it
                   stays in the list, and doctor calls it no problem any more
  --joint          also answer \`stats --engine paillier\` (off). What it costs: a server that cheats
                   together with a reader can then open another server's share of readings of
                   its choice, one for two questions. Every server decides for itself
  --log json       what it says as one JSON object a line on stderr
  --json           print the ready line, or the report, as JSON

Stop it with Ctrl-C (SIGINT) or SIGTERM; it continues where it stopped.
`;

export const command: Command = {
  help: HELP,
  options: {
    ...{ dir: { type: 'string' }, json: { type: 'boolean' }, acknowledge: { type: 'string' } },
    joint: { type: 'boolean' },
    ...LOG_OPTION,
  },
  positionalsMax: 1,
  run,
};

async function run(call: Call): Promise<number> {
  const folder = textOption(call, 'dir', '');
  if (folder === '') {
    throw new UserError('--dir is missing; give the party folder of this data server.', 2);
  }
  const [task] = call.positionals;
  const joint = call.values['joint'] === true;
  const acknowledge = call.values['acknowledge'] as string | undefined;
  if (acknowledge !== undefined && task !== 'alarms') {
    throw new UserError('--acknowledge goes with `data-server alarms`.', 2);
  }
  if (joint && task !== undefined) throw new UserError('--joint goes with no task.', 2);
  if (task !== undefined) {
    return await looking(task, folder, call.values['json'] === true, acknowledge);
  }
  const stopped = stopSignal();
  const party = loadParty(folder);
  const { server } = party;
  if (server === undefined) {
    throw new UserError(
      `${folder} is the folder of a ${party.identity.role}; --dir needs that of a data server.`,
    );
  }
  const unlock = lockFolder(folder, 'data-server', 'a data server');
  try {
    return await serve(call, { folder, party, server, joint, stopped });
  } finally {
    unlock();
  }
}

const JOINT_COST =
  'joint answers are on: a data server that cheats together with a reader can open shares of this ' +
  'one, one for two questions.';

/** Tasks that change no store, beside a running server or without one. */
async function looking(
  task: string,
  folder: string,
  json: boolean,
  acknowledge?: string,
): Promise<number> {
  const out = (text: string): unknown => process.stdout.write(`${text}\n`);
  const err = (text: string): unknown => process.stderr.write(`${text}\n`);
  const options = { folder: join(folder, 'store'), json, out, err, clock: () => Date.now() };
  if (task === 'inspect') return inspectCommand(options);
  if (task === 'scrub') return await scrubCommand(options);
  if (task === 'alarms') return alarmsCommand(options, acknowledge);
  throw new UserError(
    `there is no use for ${JSON.stringify(task)}; data-server has inspect, scrub and alarms.`,
    2,
  );
}

interface Serving {
  readonly folder: string;
  readonly party: Party;
  readonly server: number;
  readonly joint: boolean;
  readonly stopped: Promise<undefined>;
}

async function serve(call: Call, serving: Serving): Promise<number> {
  const { folder, party, server, joint, stopped } = serving;
  const { servers } = party.configuration;
  const { host, port } = listenAt(party, server);
  const say = saying(call, `data server ${server}`, () => Date.now());
  const settings = { host, joint, report: say };
  let dataServer = await start(folder, party, server, { ...settings, port });
  const url = urlAt('http', { host, port: dataServer.port });
  const line =
    call.values['json'] === true
      ? JSON.stringify({ ready: true, server, servers, url })
      : `data server ${server} of ${servers} listens at ${url}`;
  process.stdout.write(`${line}\n`);
  if (isLogJson(call)) say('the data server listens.', { event: 'ready', fields: { url } });
  if (joint) say(JOINT_COST, { event: 'joint-on', level: 'warn' });

  for (;;) {
    const failure = dataServer.failed.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const ended = await Promise.race([stopped, failure]);
    if (!ended) break;
    // What failed is the reason to give, whatever else fails on the way out.
    await dataServer.close().catch(() => undefined);
    if (!(ended.error instanceof StoreDamage)) throw unusable(folder, ended.error);
    const fault = `has lost more than single values (${ended.error.message})`;
    setAside(join(folder, 'store'), fault, say);
    dataServer = await start(folder, party, server, { ...settings, port: dataServer.port });
  }
  await dataServer.close().catch((error: unknown) => {
    throw unusable(folder, error);
  });
  return 0;
}

interface Settings {
  readonly host: string;
  readonly port: number;
  readonly joint: boolean;
  readonly report: Say;
}

async function start(
  folder: string,
  party: Party,
  server: number,
  { host, port, joint, report }: Settings,
): Promise<DataServer> {
  const { identity, configuration, configDigest, addresses } = party;
  const keys = loadServerKeys(folder);
  const store = await openStore(join(folder, 'store'), report).catch((error: unknown) => {
    throw unusable(folder, error);
  });
  try {
    return await startDataServer({
      party: { identity, configuration, configDigest, server, keys },
      store,
      ahead: await aheadFiles(join(folder, 'store')),
      pool: new WorkerPool(join(folder, 'store')),
      gateway: addresses.gateway,
      dataServers: addresses.dataServers,
      keyFile: keyFileIn(folder),
      ...{ host, port, joint },
      origins: addresses.origins ?? [],
      clock: () => Date.now(),
      random: (lengthBytes) => new Uint8Array(randomBytes(lengthBytes)),
      fetch: globalThis.fetch,
      sleep: async (ms, signal) => {
        // An abort ends the wait, which is all that it means here.
        await setTimeout(ms, undefined, { signal }).catch(() => undefined);
      },
      breathe: () => setImmediate(),
      ...{ report, monotonicMs: () => performance.now() },
      acknowledged: acknowledgedIn(folder, report),
      storeBytes: () => sizeOf(join(folder, 'store')),
      measureProcess: (register) => collectDefaultMetrics({ register }),
    });
  } catch (error) {
    await store.close();
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    const reason = code === 'EADDRINUSE' ? 'is taken by another process' : 'may not be used';
    throw new UserError(
      `${host}:${port} ${reason}; stop that one or change "listen" in ` +
        `${join(folder, 'addresses.json')}.`,
    );
  }
}

/** Of all files in the folder of a store. */
function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
/** Its own entry of `dataServers`, on this machine alone, where nothing else is said. */
function listenAt({ addresses }: Party, server: number): { host: string; port: number } {
  if (addresses.listen) return addresses.listen;
  const { port } = new URL(addresses.dataServers[server - 1]!);
  return { host: '127.0.0.1', port: Number(port) };
}

function unusable(folder: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : '';
  const isDisk = error instanceof StoreError || /MDB_|ENOSPC|EACCES|EIO|EROFS/.test(message);
  if (!isDisk) return error instanceof Error ? error : new Error('the data server failed');
  return new UserError(
    `the store in ${folder} cannot be used (${message}); free or repair that disk and start ` +
      'again, nothing that was committed is lost.',
  );
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process as usual. */
const stopSignal = (): Promise<undefined> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => resolve(undefined));
    }
  });
