/**
 * One gateway, put together: log, window and masks first, then the page and the log over HTTP, then
 * the broker, so that no frame arrives before there is something to make it durable.
 */
import { verifier } from '@vitalshare/edge/identity/node';
import type { GatewayKeys, Party } from '@vitalshare/edge/keys/node';
import type { Say } from '@vitalshare/edge/operations';
import type { FastifyInstance } from 'fastify';
import {
  type Acknowledge,
  acknowledgeDurable,
  type AcknowledgeMode,
} from './acknowledge/acknowledge.ts';
import { AcknowledgeHeld } from './acknowledge/held.ts';
import { HeldWatch } from './acknowledge/held-watch.ts';
import { Journal } from './alarms/journal.ts';
import { WardAlarms } from './alarms/ward-alarms.ts';
import { type Broker, startBroker } from './broker/broker.ts';
import type { RefusalReason } from './broker/refusal.ts';
import { Anchors, ANCHORS_FILE } from './ingest/anchors.ts';
import { Answers } from './ingest/answers.ts';
import { Bins } from './ingest/bins.ts';
import { Counters } from './ingest/counters.ts';
import { Ingest } from './ingest/ingest.ts';
import { Stays } from './ingest/stays.ts';
import { type HttpParts, makeHttp } from './http.ts';
import {
  BINS_TICK_MS,
  CHECKPOINT_TICK_MS,
  CLOSE_WAIT_MS,
  LIVE_BEAT_MS,
  REGISTRY_REFRESH_MS,
} from './limits.ts';
import { Hub } from './live/hub.ts';
import { SteadyClock } from './live/steady-clock.ts';
import { statusOf } from './live/status.ts';
import { LogScrubs } from './log/background-scrub.ts';
import type { Disk } from './log/disk.ts';
import { DiskWatch } from './log/disk-watch.ts';
import type { LogTools, MaskedLog } from './log/masked-log.ts';
import { SignedHeads } from './log/signed-heads.ts';
import { Observations } from './observations/observations.ts';
import { OwnFrames } from './observations/own-frames.ts';
import { Metrics } from './operations/metrics.ts';
import { missingOf } from './operations/readiness.ts';
import type { Page } from './page.ts';
import { type Place, probePort } from './port-probe.ts';
import { type NodeFiles, Registry } from './registry/registry.ts';
import { causeOf, sayOnce } from './say-once.ts';
import { startLog, type StartedLog } from './start-log.ts';
import type { HeadAsker, TagAsker } from './window/recover.ts';

export interface GatewayOptions {
  readonly party: Party;
  readonly keys: GatewayKeys;
  /** The log's own folder. */
  readonly disk: Disk;
  /** The gateway's folder, for what is not the log. */
  readonly home: Disk;
  readonly nodes: NodeFiles;
  readonly servers: HeadAsker & TagAsker;
  readonly page: () => Promise<Page>;
  readonly http: Place;
  readonly mqtt: Place;
  readonly tools: LogTools;
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly every: (ms: number, run: () => void) => () => void;
  readonly say: Say;
  /** A clock that only rises, for durations and rates. */
  readonly monotonicMs: () => number;
  readonly connectionsPerAddressMax?: number;
  /** Adds what is measured of the process itself. */
  readonly measureProcess?: (registry: Metrics['registry']) => void;
  readonly headWaitMs?: number;
  /** Default durable [WIRE-17]. */
  readonly acknowledge?: AcknowledgeMode;
}

export interface Gateway {
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly log: string;
  /** Stops taking frames, makes durable what arrived, closes. */
  close(): Promise<void>;
}

/** What `listen` throws names its door, so that a sentence can say which port is taken. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly door: 'http' | 'mqtt';
  constructor(door: 'http' | 'mqtt', cause: unknown) {
    super(`${door} cannot listen`, { cause });
    this.door = door;
  }
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { random, say, monotonicMs } = options;
  const metrics = new Metrics(monotonicMs);
  const tools = { ...options.tools, timing: metrics };
  await probe('http', options.http);
  await probe('mqtt', options.mqtt);
  // Before the log: a start that damage refuses must not leave a run record behind.
  const anchors = await Anchors.open(await options.home.open(ANCHORS_FILE));
  const journal = await Journal.open(options.home, say);
  const started = await startLog({ ...options, tools });
  const once = sayOnce(say);
  const failed = (error: unknown): void =>
    once(`an error in the gateway: ${causeOf(error)}`, { event: 'internal', level: 'error' });
  const registry = new Registry(options.nodes, (node, error) =>
    once(damagedText(node, error), { event: 'node-file', level: 'error' }),
  );
  await registry.loadAll();
  const clock = new SteadyClock(tools.clock, monotonicMs);
  const alarms = new WardAlarms({
    ...{ journal, clock, say, failed },
    send: (name, event) => hub.send(name, event),
  });
  const hub = new Hub(clock, alarms);
  for (const entry of registry.known.values()) hub.enter(entry);
  alarms.restore(hub);
  const counters = new Counters();
  // Frames only come once the broker stands; until then there is nobody to answer.
  let broker: Broker | undefined = undefined as Broker | undefined;
  const { window, tags, log, cells, maskKeys: keys } = started;
  const heads = new SignedHeads(options.party.configDigest, tools);
  const acknowledge = acknowledgeOf(options, started, heads);
  const answers = new Answers({
    ...{ window: acknowledge.window, random, clock: tools.clock },
    send: (node, sealed) => broker?.answer(node, sealed),
  });
  const bins = new Bins({ keys, log, cells, clock: tools.clock });
  const stays = new Stays(started.announced);
  const ingest = new Ingest({
    ...{ window, tags, anchors, bins, keys, log, acknowledge, answers, counters },
    ...{ clock: tools.clock, timing: metrics, stays },
    watcher: hub,
    entryOf: (node) => registry.get(node),
  });
  const frames = new OwnFrames({
    ...{ journal, keys, log, stays, bins, window, tags, acknowledge, random },
  });
  const observations = new Observations({ alarms, frames, cells, hub, clock: tools.clock });
  const stopped = new AbortController();
  const isClosing = (): boolean => stopped.signal.aborted;
  const scrubs = new LogScrubs({
    ...{ logs: started.logs, verify: verifier(options.party.identity.sign), say },
    ...{ sleep: (ms, signal) => tools.sleep(ms, signal), signal: stopped.signal },
  });
  metrics.measure({
    ...{ hub, alarms, counters, log, scrubs, window, acknowledge },
    checkpoints: started.checkpoints,
    broker: () => broker,
  });
  options.measureProcess?.(metrics.registry);
  const heldWatch = new HeldWatch({
    held: acknowledge instanceof AcknowledgeHeld ? acknowledge : undefined,
    ...{ log: log.log, needed: options.party.configuration.threshold + 1, say },
    nowMs: monotonicMs,
  });
  const missing = () =>
    missingOf({
      isHeldStill: heldWatch.isStill,
      ...{ log, isBrokerListening: broker !== undefined, isClosing: isClosing() },
      ...started.servers(),
    });
  const ward = { alarms, observations, clock: tools.clock };
  const parts = { hub, ward, counters, failed, metrics, missing, heads, acknowledge };
  const http = await listenHttp(options, started, parts);
  try {
    broker = await startBroker({
      ...options.mqtt,
      admit: (node, password) => registry.admit(node, password),
      frame: (node, bytes) => ingest.frame(node, bytes),
      refused: (reason, node) => noteRefusal(registry, hub, counters, reason, node),
      failed,
      connected: (node, is) => noteConnection(registry, hub, node, is),
      ...{ clock: monotonicMs, sleep: (ms) => tools.sleep(ms) },
      slowed: (delayMs) => metrics.slowed(delayMs),
      ...(options.connectionsPerAddressMax && {
        connectionsPerAddressMax: options.connectionsPerAddressMax,
      }),
    });
  } catch (error) {
    await http.close();
    throw new ListenError('mqtt', error);
  }
  const standing = broker;
  const disk = new DiskWatch(log, say);
  const stopBeat = options.every(LIVE_BEAT_MS, () => {
    hub.beat();
    alarms.tick();
    disk.tick();
    heldWatch.tick();
    standing.tick();
  });
  const stopBins = options.every(BINS_TICK_MS, () => bins.tick());
  const stopCheckpoints = options.every(CHECKPOINT_TICK_MS, () =>
    started.checkpoints?.tick(stays.announced),
  );
  let refreshing: Promise<void> | undefined;
  const stopRefresh = options.every(REGISTRY_REFRESH_MS, () => {
    refreshing ??= refresh(registry, hub, standing)
      .catch((error: unknown) => once(unreadText(error), { event: 'node-files', level: 'error' }))
      .finally(() => (refreshing = undefined));
  });
  const caughtUp = started.catchUp(stopped.signal);
  const scrubbed = scrubs.always();
  return {
    httpPort: portOf(http),
    mqttPort: standing.port,
    log: log.log,
    close: async () => {
      stopped.abort();
      stopBeat();
      stopBins();
      stopCheckpoints();
      stopRefresh();
      await Promise.all([refreshing, caughtUp, scrubbed]);
      await Promise.all([lastFrames(ingest, log, tools), observations.settled()]);
      bins.flush();
      // Queued frames become durable while their connections still stand, so that they are answered.
      await log.stop();
      await started.checkpoints?.close(stays.announced);
      await standing.close();
      hub.audience.close();
      await http.close();
      await Promise.all([...started.logs.values()].map((each) => each.close()));
      await anchors.close();
      await journal.close();
    },
  };
}

function acknowledgeOf(
  { acknowledge, party }: GatewayOptions,
  { log, window, toldOf, before }: StartedLog,
  heads: SignedHeads,
): Acknowledge {
  if (acknowledge !== 'held') return acknowledgeDurable(window);
  const { configDigest, configuration } = party;
  const { threshold, dataServers } = configuration;
  return new AcknowledgeHeld({
    ...{ configDigest, threshold, dataServers, log: log.log, window: toldOf, before },
    signedHere: (head) => heads.has(head),
  });
}

/** They are counted by bin before the log takes no more; a disk that fails is not waited for. */
async function lastFrames(ingest: Ingest, log: MaskedLog, tools: LogTools): Promise<void> {
  if (log.failing !== undefined) return;
  const settled = new AbortController();
  await Promise.race([
    ingest.stop().then(() => settled.abort()),
    tools.sleep(CLOSE_WAIT_MS, settled.signal),
  ]);
}

async function probe(door: ListenError['door'], place: Place): Promise<void> {
  try {
    await probePort(place);
  } catch (error) {
    throw new ListenError(door, error);
  }
}

async function listenHttp(
  options: GatewayOptions,
  started: StartedLog,
  parts: Pick<HttpParts, 'hub' | 'ward' | 'failed' | 'metrics' | 'missing' | 'heads'> & {
    readonly counters: Counters;
    readonly acknowledge: Acknowledge;
  },
): Promise<FastifyInstance> {
  const { counters, acknowledge, ...served } = parts;
  const held = acknowledge instanceof AcknowledgeHeld ? acknowledge : undefined;
  const { tools, page } = options;
  const status = () =>
    statusOf({ hub: parts.hub, counters, started, acknowledge, nowMs: tools.clock() });
  const sleep = (ms: number): Promise<void> => tools.sleep(ms);
  const http = makeHttp({ ...served, held, logs: started.logs, status, page, sleep });
  try {
    await http.listen(options.http);
  } catch (error) {
    await http.close();
    throw new ListenError('http', error);
  }
  return http;
}

function noteRefusal(
  registry: Registry,
  hub: Hub,
  counters: Counters,
  reason: RefusalReason,
  node: string | undefined,
): void {
  counters.add(reason);
  const entry = node === undefined ? undefined : registry.get(node);
  if (entry !== undefined) hub.refused(entry, reason);
}

/** A node may be enrolled, or have moved, since the registry was last refreshed. */
function noteConnection(registry: Registry, hub: Hub, node: string, is: boolean): void {
  const entry = registry.get(node);
  if (entry !== undefined) hub.enter(entry);
  hub.connected(node, is);
}

/** Files that changed while their node stayed connected, that are new on the ward, or are gone. */
async function refresh(registry: Registry, hub: Hub, broker: Broker): Promise<void> {
  for (const node of await registry.loadAll()) {
    broker.drop(node);
    hub.leave(node);
  }
  for (const entry of registry.known.values()) hub.enter(entry);
}

function damagedText(node: string, error: unknown): string {
  return error instanceof TypeError
    ? `the file of node ${node} is damaged (${error.message}); the node is not admitted.`
    : `the file of node ${node} cannot be read (${causeOf(error)}); what was known of it still holds.`;
}

const unreadText = (error: unknown): string =>
  `the node files cannot be read (${causeOf(error)}); who is admitted stays as it was until they can.`;

function portOf(http: FastifyInstance): number {
  const address = http.server.address();
  if (address === null || typeof address === 'string') throw new TypeError('http has no port');
  return address.port;
}
