/**
 * `GET /metrics` of the gateway, in Prometheus text. What other files count already is read when somebody
 * scrapes; only durations are observed as they happen.
 *
 * No label takes a value that a stranger or a patient could choose: labels are outcomes, kinds and routes of
 * fixed lists. No node, stay, key, share or reading is in it, and a test of a live ward looks for them.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Acknowledge } from '../acknowledge/acknowledge.ts';
import type { WardAlarms } from '../alarms/ward-alarms.ts';
import type { Broker } from '../broker/broker.ts';
import type { Counters } from '../ingest/counters.ts';
import type { AckTiming } from '../ingest/ingest.ts';
import type { Hub } from '../live/hub.ts';
import type { LogScrubs } from '../log/background-scrub.ts';
import type { Checkpoints } from '../log/checkpoints.ts';
import type { LogTiming, MaskedLog } from '../log/masked-log.ts';
import type { ReplayWindow } from '../window/replay-window.ts';
import { LIMITED, type Limited } from './limited.ts';

const PREFIX = 'vitalshare_gateway_';
/** From a disk with a battery to one that hesitates: 0.25 ms to 10 s. */
const SECONDS = [
  0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

export interface Measured {
  readonly hub: Hub;
  readonly alarms: WardAlarms;
  readonly counters: Counters;
  readonly log: MaskedLog;
  readonly scrubs: Pick<LogScrubs, 'damaged'>;
  readonly window: ReplayWindow;
  readonly acknowledge: Acknowledge;
  /** Undefined where none are written. */
  readonly checkpoints: Checkpoints | undefined;
  /** Undefined while it does not listen yet. */
  readonly broker: () => Broker | undefined;
}

export class Metrics implements AckTiming, LogTiming {
  readonly registry = new Registry();
  readonly nowMs: () => number;
  readonly #acknowledged = this.#histogram('acknowledgement_seconds', 'arrival to sealed answer');
  readonly #write = this.#histogram('log_write_seconds', 'one batch written');
  readonly #sync = this.#histogram('log_sync_seconds', 'one batch on the medium (fdatasync)');
  readonly #written = this.#counter('log_written_bytes_total', 'bytes of durable batches');
  readonly #failures = this.#counter(
    'log_failures_total',
    'appends that failed and were tried again',
  );
  readonly #slowed = this.#counter(
    'slowed_frames_total',
    'frames of nodes faster than they may be',
  );
  readonly #slowedSeconds = this.#counter('slowed_seconds_total', 'what they waited, in all');
  readonly #limited = new Counter({
    name: `${PREFIX}limited_total`,
    help: 'HTTP requests and connections that met a limit',
    labelNames: ['limit'],
    registers: [this.registry],
  });
  readonly #requests = new Counter({
    name: `${PREFIX}http_requests_total`,
    help: 'HTTP requests by route and status',
    labelNames: ['route', 'status'],
    registers: [this.registry],
  });

  /** `nowMs`: a clock that only rises. */
  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
    for (const limit of LIMITED) this.#limited.inc({ limit }, 0);
  }

  acknowledged(ms: number): void {
    this.#acknowledged.observe(ms / 1000);
  }

  wrote({ writeMs, syncMs, bytes }: Parameters<LogTiming['wrote']>[0]): void {
    this.#write.observe(writeMs / 1000);
    this.#sync.observe(syncMs / 1000);
    this.#written.inc(bytes);
  }

  failed(): void {
    this.#failures.inc();
  }

  slowed(ms: number): void {
    this.#slowed.inc();
    this.#slowedSeconds.inc(ms / 1000);
  }

  limited(limit: Limited): void {
    this.#limited.inc({ limit });
  }

  request(route: string, status: number): void {
    this.#requests.inc({ route, status });
  }

  /** What is read at every scrape. */
  measure(measured: Measured): void {
    const { hub, alarms, counters, log, scrubs, window, acknowledge, checkpoints, broker } =
      measured;
    this.#read('outcomes_total', 'frames and connections by how they ended', 'outcome', () =>
      Object.entries(counters.toJSON()),
    );
    this.#read('sensor_errors_total', 'faults of sensors that began', 'kind', () =>
      Object.entries(hub.sensors.counts),
    );
    const gauge = (name: string, help: string, value: () => number): void => {
      const collect = function (this: Gauge): void {
        this.set(value());
      };
      new Gauge({ name: PREFIX + name, help, registers: [this.registry], collect });
    };
    this.#read('alarm_acts_total', 'what people did about alarms, and entered', 'act', () => [
      ...alarms.acts,
    ]);
    const standing = new Gauge({
      name: `${PREFIX}alarms`,
      help: 'alarms that stand',
      labelNames: ['priority', 'state'],
      registers: [this.registry],
      collect: () => {
        standing.reset();
        for (const { priority, state, count } of alarms.counts) {
          standing.set({ priority, state }, count);
        }
      },
    });
    gauge('alarm_journal_failing', '1 while the disk does not take what alarms do', () =>
      alarms.isDurable ? 0 : 1,
    );
    gauge('log_position', 'records of the log that are durable', () => log.head.position);
    gauge('log_bytes', 'size of the log', () => log.bytes);
    gauge('log_failing', '1 while the disk does not take the batch at hand', () =>
      log.failing === undefined ? 0 : 1,
    );
    gauge('logs_damaged', 'logs that the scrub found damaged', () => scrubs.damaged.size);
    gauge(
      'log_queue_bytes',
      'what waits for the disk, as the limit counts it',
      () => log.queued.bytes,
    );
    gauge('log_queue_records', 'records that wait for the disk', () => log.queued.records);
    gauge(
      'acknowledgements_waiting',
      'durable frames that wait until t + 1 data servers hold them',
      () => acknowledge.waiting,
    );
    if (checkpoints) {
      gauge(
        'log_uncovered_bytes',
        'log behind the last checkpoint, which a start after a crash reads',
        () => checkpoints.uncoveredBytes,
      );
    }
    gauge('log_followers', 'followers that wait at the end of the log', () => log.waiting);
    gauge('connections', 'open MQTT connections', () => broker()?.state().connections ?? 0);
    gauge('nodes_connected', 'nodes that are connected', () => broker()?.state().nodes ?? 0);
    gauge('nodes_known', 'nodes on the ward', () => hub.beds.nodes.size);
    gauge(
      'nodes_silent',
      'nodes that say nothing while they should',
      () => [...hub.silent()].length,
    );
    gauge('nodes_silent_seconds', 'the longest silence that lasts', () => longest(hub));
    gauge(
      'puback_held',
      'publications whose PUBACK waits for the disk',
      () => broker()?.state().held ?? 0,
    );
    gauge('window_boots', 'boots of nodes in the replay window', () => window.size.boots);
    gauge(
      'window_ranges',
      'ranges of settled frames in the replay window',
      () => window.size.ranges,
    );
    gauge('live_pages', 'pages that watch', () => hub.audience.size);
    this.#read('puback_let_go_total', 'publications read on without PUBACK', undefined, () => [
      ['', broker()?.state().letGo ?? 0],
    ]);
    this.#read('live_traces_dropped_total', 'traces left out for pages that lag', undefined, () => [
      ['', hub.audience.tracesDropped],
    ]);
  }

  /** A counter that somebody else keeps. */
  #read(
    name: string,
    help: string,
    label: string | undefined,
    values: () => readonly (readonly [string, number])[],
  ): void {
    const collect = function (this: Counter): void {
      this.reset();
      for (const [value, count] of values())
        this.inc(label === undefined ? {} : { [label]: value }, count);
    };
    const labelNames = label === undefined ? [] : [label];
    new Counter({ name: PREFIX + name, help, labelNames, registers: [this.registry], collect });
  }

  #histogram(name: string, help: string): Histogram {
    return new Histogram({
      name: PREFIX + name,
      help,
      buckets: SECONDS,
      registers: [this.registry],
    });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: PREFIX + name, help, registers: [this.registry] });
  }
}

function longest(hub: Hub): number {
  const nowMs = hub.nowMs;
  return Math.max(0, ...[...hub.silent()].map(({ sinceMs }) => (nowMs - sinceMs) / 1000));
}
