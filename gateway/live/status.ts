/** `GET /status.json`: how the gateway and its ward are. No readings, no keys. */
import type { Acknowledge } from '../acknowledge/acknowledge.ts';
import type { Counters } from '../ingest/counters.ts';
import type { MaskedLog } from '../log/masked-log.ts';
import type { ReplayWindow } from '../window/replay-window.ts';
import type { Hub } from './hub.ts';

export interface StatusParts {
  readonly hub: Hub;
  readonly counters: Counters;
  readonly started: {
    readonly log: MaskedLog;
    readonly run: number;
    readonly window: Pick<ReplayWindow, 'missing'>;
  };
  readonly acknowledge: Acknowledge;
  readonly nowMs: number;
}

export function statusOf({ hub, counters, started, acknowledge, nowMs }: StatusParts): unknown {
  const { log, run } = started;
  return {
    gatewayTimeMs: nowMs,
    log: {
      ...{ log: log.log, run, position: log.head.position, failing: log.failing ?? '' },
      queued: log.queued,
    },
    acknowledge: { mode: acknowledge.mode, waiting: acknowledge.waiting },
    counters: counters.toJSON(),
    live: { pages: hub.audience.size, tracesDropped: hub.audience.tracesDropped },
    sensors: {
      errors: hub.sensors.counts,
      faulty: [...hub.sensors.lasting()].map(({ fault }) => fault),
    },
    silent: [...hub.silent()],
    beds: hub.beds.ward(),
    nodes: [...hub.beds.nodes.values()].map(
      ({ entry, connected, lastFrameMs, status, refused }) => ({
        node: entry.node,
        bed: entry.stay,
        connected,
        ...(lastFrameMs === undefined ? {} : { lastFrameMs }),
        ...(status === undefined ? {} : { status }),
        missing: started.window.missing(entry.id),
        refused: Object.fromEntries(refused),
      }),
    ),
  };
}
