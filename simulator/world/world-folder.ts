/**
 * A world on one machine: the folder that holds all party folders, and what `up` writes beside them.
 *
 *   <dir>/gateway/  server-<j>/  researcher/  physician/     party folders (edge/keys)
 *   <dir>/nodes/<name>/                                      simulated nodes: credential, journal
 *   <dir>/world.json                                         while it runs: where, and which pids
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import type { Configuration } from '@vitalshare/edge/keys';
import {
  type Addresses,
  loadMember,
  loadParty,
  PartyError,
  saveAddresses,
  writePartyFile,
} from '@vitalshare/edge/keys/node';
import { makeWorld } from './ceremony.ts';
import { freePort, HOST, isFree, takePort } from './ports.ts';

/** The page's, MQTT's registered one, and the first of the data servers'. */
const HTTP_PORT = 8080;
const MQTT_PORT = 1883;
const DATA_SERVER_PORT_FIRST = 9301;

export const gatewayFolder = (dir: string): string => join(dir, 'gateway');
export const serverFolder = (dir: string, server: number): string => join(dir, `server-${server}`);
export const researcherFolder = (dir: string): string => join(dir, 'researcher');
export const physicianFolder = (dir: string): string => join(dir, 'physician');
export const nodeFolder = (dir: string, name: string): string => join(dir, 'nodes', name);

/** What stands in world.json while the world runs. */
export interface RunningWorld {
  /** Where the page is. */
  readonly dashboard: string;
  readonly mqtt: string;
  readonly dataServers: readonly string[];
  readonly servers: number;
  readonly threshold: number;
  /** When its gateway acknowledges; absent in a file of an earlier version. */
  readonly acknowledge?: 'durable' | 'held';
  readonly pids: { readonly gateway: number; readonly dataServers: readonly number[] };
}

export const worldFile = (dir: string): string => join(dir, 'world.json');

/** Complete or not there: it is renamed into place. */
export const writeWorldFile = (dir: string, world: RunningWorld): void =>
  writePartyFile(worldFile(dir), world);

export const removeWorldFile = (dir: string): void => rmSync(worldFile(dir), { force: true });

/** What the user asked for; undefined where the option was not given. */
export interface AskedWorld {
  readonly servers: number | undefined;
  readonly threshold: number | undefined;
  readonly minimumCohort: number | undefined;
}

/** The world in `dir`, made now if there is none. Throws UserError where the options contradict it. */
export async function openWorld(
  dir: string,
  asked: AskedWorld,
  onMake: () => void,
): Promise<Configuration> {
  if (!existsSync(gatewayFolder(dir))) {
    onMake();
    const { servers = 3, threshold = 1, minimumCohort = 5 } = asked;
    return makeWorld(dir, { servers, threshold, minimumCohort });
  }
  const { configuration } = loadMember(gatewayFolder(dir));
  for (let server = 1; server <= configuration.servers; server++) {
    if (existsSync(serverFolder(dir, server))) continue;
    throw new UserError(
      `${serverFolder(dir, server)} is missing; put the folder of that data server back, or make another world with --dir.`,
    );
  }
  const names = {
    servers: '--servers',
    threshold: '--threshold',
    minimumCohort: '--minimum-cohort',
  };
  for (const field of ['servers', 'threshold', 'minimumCohort'] as const) {
    const wanted = asked[field];
    if (wanted === undefined || wanted === configuration[field]) continue;
    throw new UserError(
      `the world in ${dir} was made with ${names[field]} ${configuration[field]}, got ${wanted}; leave the option out, or make another world with --dir.`,
      2,
    );
  }
  return configuration;
}

export interface AskedPorts {
  readonly http: number | undefined;
  readonly mqtt: number | undefined;
}

/**
 * Where everybody listens, written to every party's addresses.json. What was chosen before is kept;
 * a data server whose port is taken moves, the gateway's ports are the user's to change.
 */
export async function placeWorld(
  dir: string,
  { servers }: Configuration,
  asked: AskedPorts,
): Promise<GatewayAddresses> {
  const before = addressesBefore(dir);
  const http = await takePort(asked.http ?? before?.listen?.port ?? HTTP_PORT, '--port');
  const mqtt = await takePort(asked.mqtt ?? before?.mqtt?.port ?? MQTT_PORT, '--mqtt-port');
  const taken = new Set([http, mqtt]);
  const ports: number[] = [];
  for (let index = 0; index < servers; index++) {
    const known = before === undefined ? 0 : Number(new URL(before.dataServers[index]!).port);
    let port = known;
    while (port === 0 || taken.has(port) || !(await isFree(port))) port = await freePort();
    taken.add(port);
    ports.push(port);
  }
  return writeAddresses(dir, http, mqtt, ports);
}

/** Where the parties of a new world listen until somebody says otherwise. */
export const placeAtDefaults = (dir: string, servers: number): void => {
  const ports = Array.from({ length: servers }, (_, index) => DATA_SERVER_PORT_FIRST + index);
  writeAddresses(dir, HTTP_PORT, MQTT_PORT, ports);
};

type GatewayAddresses = Addresses & Required<Pick<Addresses, 'listen' | 'mqtt'>>;

/** Tells every party where it listens and where the others are. */
function writeAddresses(
  dir: string,
  http: number,
  mqtt: number,
  ports: readonly number[],
): GatewayAddresses {
  const shared = {
    gateway: `http://${HOST}:${http}`,
    dataServers: ports.map((port) => `http://${HOST}:${port}`),
  };
  const ofGateway = {
    ...shared,
    listen: { host: HOST, port: http },
    mqtt: { host: HOST, port: mqtt },
  };
  saveAddresses(gatewayFolder(dir), ofGateway);
  ports.forEach((port, index) =>
    saveAddresses(serverFolder(dir, index + 1), { ...shared, listen: { host: HOST, port } }),
  );
  for (const folder of [researcherFolder(dir), physicianFolder(dir)]) saveAddresses(folder, shared);
  return ofGateway;
}

function addressesBefore(dir: string): Addresses | undefined {
  try {
    return loadParty(gatewayFolder(dir)).addresses;
  } catch (error) {
    if (error instanceof PartyError && error.code === 'missing') return undefined;
    throw error;
  }
}
