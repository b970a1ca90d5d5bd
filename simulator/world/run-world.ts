/**
 * A running world: keys, places, processes, beds, first statistic; then watching until it is stopped.
 *
 *   lock ─► world (made or opened) ─► ports ─► processes ─► all answer ─► world.json ─► beds ─► watch
 *   stop: beds, then gateway and data servers, then world.json, then the lock
 */
import { mkdirSync } from 'node:fs';
import { UserError } from '@vitalshare/edge/command/node';
import type { Configuration } from '@vitalshare/edge/keys';
import { lockFolder } from '@vitalshare/edge/keys/node';
import { bedNames, Beds, enrollBeds } from './beds.ts';
import { firstStatistic } from './first-statistic.ts';
import { PartyChild, type PartyPlan } from './party-child.ts';
import type { Teller } from './status-line.ts';
import { waitForStop } from './stop.ts';
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
  readonly seed: number;
}

/** A party that does not answer by then does not start on this machine. */
const READY_MS_MAX = 60_000;
const READY_POLL_MS = 50;
const STATUS_MS = 1_000;
const REFUSED = 'the gateway does not know it, or it was revoked; it sends nothing.';

/** Returns the exit code when the world was stopped. Throws UserError where it could not start. */
export async function runWorld(options: WorldOptions, teller: Teller): Promise<number> {
  const { dir } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(dir, 'up', '`vitalshare up`');
  try {
    const configuration = await openWorld(dir, options.asked, () =>
      teller.say(`Making the keys of a new world in ${dir} ...`, { event: 'making', dir }),
    );
    return await runOpened(options, configuration, teller);
  } finally {
    unlock();
  }
}

async function runOpened(
  { dir, ports, beds: bedCount, seed }: WorldOptions,
  configuration: Configuration,
  teller: Teller,
): Promise<number> {
  removeWorldFile(dir);
  const addresses = await placeWorld(dir, configuration, ports);
  const names = bedNames(bedCount);
  await enrollBeds(dir, names);

  const clock = (): number => Date.now();
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
  let status: NodeJS.Timeout | undefined;
  stop.onSecond(() => {
    for (const child of children) child.kill();
  });
  try {
    const urls = [addresses.gateway, ...addresses.dataServers];
    for (const plan of plansOf(dir, configuration)) children.push(new PartyChild(plan, tell));
    const parties = children.map((child, index) => ({ child, url: urls[index]! }));
    await Promise.race([Promise.all(parties.map(untilReady)), stop.asked]);
    if (!stop.signal.aborted) {
      const world = runningWorld(configuration, addresses, children);
      writeWorldFile(dir, world);
      sayReady(teller, world, addresses.mqtt.port);
      if (bedCount > 0) {
        const onRefused = (name: string): void => tell(name, REFUSED);
        beds = await Beds.start({ dir, names, mqttUrl: world.mqtt, seed, clock, onRefused });
      }
      const watch = new Watch(parties, teller);
      status = setInterval(() => watch.second(beds?.count(), bedCount), STATUS_MS);
      void tellFirstStatistic(dir, bedCount, stop.signal, teller);
      await stop.asked;
    }
  } finally {
    clearInterval(status);
    teller.end();
    stop.begin();
    await beds?.close();
    await stopAll(children, teller);
    removeWorldFile(dir);
    stop.end();
  }
  teller.say('Stopped. The same command goes on with this world.', { event: 'stopped' });
  return 0;
}

const plansOf = (dir: string, { servers }: Configuration): PartyPlan[] => [
  { name: 'gateway', args: ['gateway', '--dir', gatewayFolder(dir)] },
  ...Array.from({ length: servers }, (_, index) => ({
    name: `data server ${index + 1}`,
    args: ['data-server', '--dir', serverFolder(dir, index + 1)],
  })),
];

const runningWorld = (
  { servers, threshold }: Configuration,
  addresses: Awaited<ReturnType<typeof placeWorld>>,
  [gateway, ...dataServers]: readonly PartyChild[],
): RunningWorld => ({
  dashboard: addresses.gateway,
  mqtt: `mqtt://${addresses.mqtt.host}:${addresses.mqtt.port}`,
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

async function untilReady({ child, url }: { child: PartyChild; url: string }): Promise<void> {
  const endMs = Date.now() + READY_MS_MAX;
  while (!(await answers(url))) {
    if (child.ended !== undefined) {
      const complaint = child.complaint === '' ? 'it said nothing' : child.complaint;
      throw new UserError(
        `${child.plan.name} did not start (${child.ended}): ${complaint}\nStart it alone to see more: ${child.commandLine}`,
      );
    }
    if (Date.now() > endMs) {
      throw new UserError(
        `${child.plan.name} does not answer at ${url} after ${READY_MS_MAX / 1000} s; run \`vitalshare doctor\`.`,
      );
    }
    await new Promise((settle) => setTimeout(settle, READY_POLL_MS));
  }
}

/** A bug in here must not stop a ward, and must be seen. */
async function tellFirstStatistic(
  dir: string,
  beds: number,
  signal: AbortSignal,
  teller: Teller,
): Promise<void> {
  if (beds === 0) return;
  const outcome = await firstStatistic(researcherFolder(dir), beds, signal);
  if (outcome !== undefined) teller.say(outcome.sentence, outcome.event);
}

async function stopAll(children: readonly PartyChild[], teller: Teller): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (await child.stop()) return;
      const { name } = child.plan;
      const event = { event: 'killed', party: name, pid: child.pid };
      teller.say(`${name} did not stop within 10 s; its process ${child.pid} was ended.`, event);
    }),
  );
}
