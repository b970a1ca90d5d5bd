/**
 * `vitalshare gateway --dir <party folder>`: one gateway until it is told to stop.
 *
 * The one place of this process where time, randomness, network and disk come from the machine.
 * SIGTERM and SIGINT make durable what arrived, close and exit 0; after a kill, what was not
 * acknowledged is still with the nodes.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Call,
  type Command,
  integerOption,
  textOption,
  UserError,
} from '@vitalshare/edge/command/node';
import { signer, verifier } from '@vitalshare/edge/identity/node';
import {
  loadGatewayKeys,
  loadParty,
  lockFolder,
  type Party,
  urlAt,
} from '@vitalshare/edge/keys/node';
import { type Gateway, type GatewayOptions, ListenError, startGateway } from './gateway.ts';
import { nodeDisk } from './log/node-disk.ts';
import { scrubLogs } from './log/scrub-command.ts';
import { pageOf } from './page.ts';
import type { Place } from './port-probe.ts';
import { nodeFiles } from './registry/node-files.ts';
import { Servers } from './window/servers.ts';

const HELP = `
Run one gateway: the broker sensor nodes publish to, the ward's page, and the
masked-frame log the data servers follow. Readings leave it masked only.

  vitalshare gateway --dir <folder>
  vitalshare gateway scrub --dir <folder>   is every batch of the logs whole? exit 1 if not

  --dir <folder>    the gateway's party folder: identity.json, configuration.json,
                    addresses.json, keys.json; the log goes to its logs/
  --port <n>        port of the page, instead of that of addresses.json
  --mqtt-port <n>   port of the broker, likewise
  --json            print the ready line, or the report, as JSON

Stop it with Ctrl-C (SIGINT) or SIGTERM.
`;

const HTTP = { host: '127.0.0.1', port: 8080 };
const MQTT = { host: '127.0.0.1', port: 1883 };

export const command: Command = {
  help: HELP,
  options: {
    dir: { type: 'string' },
    port: { type: 'string' },
    'mqtt-port': { type: 'string' },
    json: { type: 'boolean' },
  },
  positionalsMax: 1,
  run,
};

async function run(call: Call): Promise<number> {
  const folder = textOption(call, 'dir', '');
  if (folder === '') {
    throw new UserError('--dir is missing; give the party folder of the gateway.', 2);
  }
  const [task] = call.positionals;
  if (task !== undefined) return await scrub(task, folder, call.values['json'] === true);
  const stopped = stopSignal();
  const party = loadParty(folder);
  const { listen = HTTP, mqtt = MQTT } = party.addresses;
  const http = { ...listen, port: integerOption(call, 'port', listen.port, 0, 65_535) };
  const broker = { ...mqtt, port: integerOption(call, 'mqtt-port', mqtt.port, 0, 65_535) };
  const options = gatewayOptions(folder, party);
  const unlock = lockFolder(folder, 'gateway', 'a gateway');
  try {
    const starting = explained(http, broker, () =>
      startGateway({ ...options, http, mqtt: broker }),
    );
    // Told to stop before it stands: what is not appended yet was not acknowledged either.
    const gateway = await Promise.race([starting, stopped]);
    if (gateway === undefined) return 0;
    sayReady(call.values['json'] === true, gateway, http, broker);
    await stopped;
    await gateway.close();
    return 0;
  } finally {
    unlock();
  }
}

/** Reads only, beside a running gateway or without one. */
async function scrub(task: string, folder: string, json: boolean): Promise<number> {
  if (task !== 'scrub') {
    throw new UserError(`there is no use for ${JSON.stringify(task)}; gateway has scrub.`, 2);
  }
  return await scrubLogs({
    folder: join(folder, 'logs'),
    verify: verifier(loadParty(folder).configuration.gateway.sign),
    json,
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    clock: () => Date.now(),
  });
}

function gatewayOptions(folder: string, party: Party): Omit<GatewayOptions, 'http' | 'mqtt'> {
  const { identity, configuration } = party;
  const { dataServers } = configuration;
  const addresses = party.addresses.dataServers;
  const clock = (): number => Date.now();
  const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes));
  return {
    ...{ party, keys: loadGatewayKeys(folder), random },
    disk: nodeDisk(join(folder, 'logs')),
    home: nodeDisk(folder),
    nodes: nodeFiles(folder),
    servers: new Servers({ identity, dataServers, addresses, fetch, clock, random }),
    page: pageOf(fileURLToPath(new URL('web/', import.meta.url))),
    tools: { sign: signer(identity), clock, sleep: pause },
    every: (ms, tick) => {
      const timer = setInterval(tick, ms);
      return () => clearInterval(timer);
    },
    say: (sentence) => process.stderr.write(`gateway: ${sentence}\n`),
  };
}

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  sleep(ms, undefined, signal && { signal }).catch(() => undefined);

function sayReady(json: boolean, gateway: Gateway, http: Place, mqtt: Place): void {
  const page = urlAt('http', { host: http.host, port: gateway.httpPort });
  const broker = urlAt('mqtt', { host: mqtt.host, port: gateway.mqttPort });
  const line = json
    ? JSON.stringify({ ready: true, url: page, mqtt: broker, log: gateway.log })
    : `gateway listens at ${page} (page, log) and ${broker} (nodes)`;
  process.stdout.write(`${line}\n`);
}

function stopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve(undefined));
    process.once('SIGINT', () => resolve(undefined));
  });
}

async function explained(
  http: Place,
  mqtt: Place,
  start: () => Promise<Gateway>,
): Promise<Gateway> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ListenError)) throw unusable(error);
    const [place, option] = error.door === 'http' ? [http, '--port'] : [mqtt, '--mqtt-port'];
    const { cause } = error;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const where = `port ${place.port} on ${place.host}`;
    if (code === 'EADDRINUSE') {
      throw new UserError(`${where} is in use; choose another with ${option}.`);
    }
    if (code === 'EACCES') {
      throw new UserError(`${where} may not be opened by this account; choose one with ${option}.`);
    }
    throw new UserError(`cannot listen on ${where} (${String(code)}); see addresses.json.`);
  }
}

/** What the system refuses is the operator's to mend; everything else keeps its stack trace. */
function unusable(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return error;
  const path = 'path' in error ? ` ${String(error.path)}` : '';
  return new UserError(`the gateway's folder cannot be used (${String(error.code)}${path}).`);
}
