/**
 * A running world: keys, places, processes, beds, first statistic; then watching until it is stopped.
 *
 *   lock ─► world (made or opened) ─► ports ─► processes ─► all answer ─► world.json ─► beds ─► watch
 *   stop: beds, then gateway and data servers, then world.json, then the lock
 */
import { mkdirSync } from 'node:fs';
import { UserError } from '@vitalshare/edge/command/node';
import type { Configuration } from '@vitalshare/edge/keys';
import { lockFolder, urlAt } from '@vitalshare/edge/keys/node';
import { STATUS_MS, STOP_MS_MAX } from '../limits.ts';
import type { ScenarioPatient } from '../scenarios/scenario.ts';
import { bedNames, Beds, enrollBeds } from './beds.ts';
import { tellFirstStatistic } from './first-statistic.ts';
import { PartyChild, type PartyPlan } from './party-child.ts';
import { untilReady } from './ready.ts';
import { type NodeMetrics, serveNodeMetrics } from './node-metrics.ts';
import type { Teller } from './status-line.ts';
import { waitForStop } from './stop.ts';
import type { Tools } from './tools.ts';
import { answers, Watch } from './watch.ts';
import {
  type AskedPorts,
  type AskedWorld,
  gatewayFolder,
  openWorld,
  placeWorld,
  removeWorldFile,
  researcherFolder,
  type RunningWorld,
  serverFolder,
  writeWorldFile,
} from './world-folder.ts';

export interface WorldOptions {
  readonly dir: string;
  readonly asked: AskedWorld;
  readonly ports: AskedPorts;
  readonly beds: number;
  /** When the gateway acknowledges a frame. */
  readonly acknowledge: 'durable' | 'held';
  /** Data servers allow joint answers; off where it is left out. */
  readonly joint?: boolean;
  readonly seed: number;
  /** What the first beds live; the others are at rest. */
  readonly patients?: readonly ScenarioPatient[];
  /** Where the beds say how they are; undefined for nowhere, 0 for a free port. */
  readonly metricsPort?: number | undefined;
  /** Parties say what they say as JSON. */
  readonly logJson?: boolean;
}

/** Returns the exit code when the world was stopped. Throws UserError where it could not start. */
export async function runWorld(
  options: WorldOptions,
  teller: Teller,
  tools: Tools,
): Promise<number> {
  const { dir } = options;
  makeFolder(dir);
  const unlock = lockFolder(dir, 'up', '`vitalshare up`');
  try {
    const configuration = await openWorld(dir, options.asked, () =>
      teller.say(`Making the keys of a new world in ${dir} ...`, { event: 'making', dir }),
    );
    return await runOpened(options, configuration, teller, tools);
  } finally {
    unlock();
  }
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(
      `${dir} cannot be a world's folder (${code ?? '?'}); choose another --dir.`,
    );
  }
}

async function runOpened(
  options: WorldOptions,
  configuration: Configuration,
  teller: Teller,
  tools: Tools,
): Promise<number> {
  const { dir, ports, beds: bedCount, seed, patients = [], acknowledge, metricsPort } = options;
  removeWorldFile(dir);
  const addresses = await placeWorld(dir, configuration, ports);
  const names = bedNames(bedCount);
  await enrollBeds(dir, names);

  const { clock, sleep, every } = tools;
  const stop = waitForStop(clock);
  // What parties say of each other while they go is no news.
  const tell = (name: string, line: string): void => {
    if (stop.signal.aborted) return;
    teller.say(line.startsWith(name) ? line : `${name}: ${line}`, {
      event: 'said',
      party: name,
      line,
    });
  };
  const children: PartyChild[] = [];
  let beds: Beds | undefined;
  let metrics: NodeMetrics | undefined;
  let endStatus = (): void => undefined;
  stop.onSecond(() => {
    for (const child of children) child.kill();
  });
  try {
    const urls = [addresses.gateway, ...addresses.dataServers];
    for (const plan of plansOf(configuration, options)) children.push(new PartyChild(plan, tell));
    const parties = children.map((child, index) => ({ child, url: urls[index]! }));
    const waiting = { answers, tools, teller, signal: stop.signal };
    const ready = parties.map((party) => untilReady(party, waiting));
    await Promise.race([Promise.all(ready), stop.asked]);
    if (!stop.signal.aborted) {
      const world = { ...runningWorld(configuration, addresses, children), acknowledge };
      writeWorldFile(dir, world);
      sayReady(teller, world, addresses.mqtt.port);
      if (bedCount > 0) {
        const { mqtt: mqttUrl } = world;
        beds = await Beds.start({ dir, names, mqttUrl, seed, patients, tools, onTrouble: tell });
      }
      if (metricsPort !== undefined) {
        metrics = await serveNodeMetrics(metricsPort, beds?.nodes ?? []);
        teller.say(
          `Metrics: beds ${metrics.url}/metrics, gateway ${world.dashboard}/metrics, data servers ${world.dataServers.map((url) => `${url}/metrics`).join(' ')}.`,
          { event: 'metrics', beds: `${metrics.url}/metrics` },
        );
      }
      const watch = new Watch(parties, teller);
      endStatus = every(STATUS_MS, () => watch.second(beds?.count(), bedCount));
      void tellFirstStatistic(researcherFolder(dir), bedCount, stop.signal, teller);
      await stop.asked;
    }
  } finally {
    endStatus();
    teller.end();
    stop.begin();
    await metrics?.close();
    await beds?.close();
    await stopAll(children, sleep, teller);
    removeWorldFile(dir);
    stop.end();
  }
  teller.say('Stopped. The same command goes on with this world.', { event: 'stopped' });
  return 0;
}

const logOf = (isJson: boolean): string[] => (isJson ? ['--log', 'json'] : []);

const plansOf = (
  { servers }: Configuration,
  { dir, acknowledge, joint = false, logJson = false }: WorldOptions,
): PartyPlan[] => [
  {
    name: 'gateway',
    starting: 'the gateway is reading its log',
    args: [
      ...['gateway', ...logOf(logJson), '--dir', gatewayFolder(dir)],
      ...['--acknowledge', acknowledge],
    ],
  },
  ...Array.from({ length: servers }, (_, index) => ({
    name: `data server ${index + 1}`,
    starting: `data server ${index + 1} is opening its store`,
    args: [
      ...['data-server', ...logOf(logJson), '--dir', serverFolder(dir, index + 1)],
      ...(joint ? ['--joint'] : []),
    ],
  })),
];

const runningWorld = (
  { servers, threshold }: Configuration,
  addresses: Awaited<ReturnType<typeof placeWorld>>,
  [gateway, ...dataServers]: readonly PartyChild[],
): RunningWorld => ({
  dashboard: addresses.gateway,
  mqtt: urlAt('mqtt', addresses.mqtt),
  dataServers: addresses.dataServers,
  servers,
  threshold,
  pids: { gateway: gateway!.pid, dataServers: dataServers.map(({ pid }) => pid) },
});

function sayReady(teller: Teller, world: RunningWorld, mqttPort: number): void {
  teller.say(
    `The ward is at ${world.dashboard} (broker on port ${mqttPort}, ${world.servers} data servers, any ${world.threshold} of them together learn nothing). Ctrl-C stops it.`,
    { event: 'ready', ...world },
  );
}

async function stopAll(
  children: readonly PartyChild[],
  sleep: Tools['sleep'],
  teller: Teller,
): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (await child.stop(sleep)) return;
      const { name } = child.plan;
      const event = { event: 'killed', party: name, pid: child.pid };
      teller.say(
        `${name} did not stop within ${STOP_MS_MAX / 1000} s; its process ${child.pid} was ended.`,
        event,
      );
    }),
  );
}
