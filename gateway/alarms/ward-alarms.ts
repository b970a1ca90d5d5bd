/**
 * The alarms of the ward: one BedWatch a bed, fed by the live hub, ticked with its beat, told to pages and
 * kept in the journal.
 *
 *   hub ─► frame, silent, fault, left ─► BedWatch ─► alarms, news2 ─► pages
 *                                           │
 *                                        records ─► journal: "bed/<bed>" states, events
 *   silence ─► what is expected ─────────────────► journal: "node/<node>"
 *
 * A bed nobody feeds any more is forgotten when nothing stands at it; until then its alarms do.
 */
import {
  ALARM_STATES,
  type AlarmRecord,
  type AlarmState,
  PRIORITIES,
  type Priority,
} from '@vitalshare/edge/alarms';
import type { Say } from '@vitalshare/edge/operations';
import type { Frame } from '@vitalshare/edge/wire';
import type { Placed } from '../ingest/place.ts';
import type { LiveAlarms, LiveNews2 } from '../live/feed.ts';
import type { Hub, HubListener } from '../live/hub.ts';
import type { Fault } from '../live/sensors/faults.ts';
import type { ExpectedNode } from '../live/silence.ts';
import type { SteadyClock } from '../live/steady-clock.ts';
import type { NodeEntry } from '../registry/entry.ts';
import { BedWatch, isSnapshotError, type SavedBed } from './bed-watch.ts';
import type { Journal } from './journal.ts';

const BED = 'bed/';
const NODE = 'node/';

/** A change as it is kept and answered. */
export interface HistoryEvent extends AlarmRecord {
  readonly bed: string;
}

export interface WardAlarmsParts {
  readonly journal: Journal;
  readonly clock: SteadyClock;
  readonly send: (name: 'alarms' | 'news2', event: LiveAlarms | LiveNews2) => void;
  readonly say: Say;
  /** An error of ours at one bed: the others go on. */
  readonly failed: (error: unknown) => void;
}

export class WardAlarms implements HubListener {
  readonly #parts: WardAlarmsParts;
  readonly #beds = new Map<string, BedWatch>();
  /** Acts of people, by what they were. */
  readonly acts = new Map<string, number>();

  constructor(parts: WardAlarmsParts) {
    this.#parts = parts;
  }

  get beds(): Iterable<BedWatch> {
    return this.#beds.values();
  }

  /** Oldest first. */
  get history(): readonly HistoryEvent[] {
    return this.#parts.journal.events as readonly HistoryEvent[];
  }

  /** How many stand, of each priority and state. */
  get counts(): {
    readonly priority: Priority;
    readonly state: AlarmState;
    readonly count: number;
  }[] {
    const standing = [...this.#beds.values()].flatMap(({ alarms }) => alarms.alarms);
    const states = ALARM_STATES.filter((state) => state !== 'inactive');
    return PRIORITIES.flatMap((priority) =>
      states.map((state) => {
        const of = standing.filter((each) => each.priority === priority && each.state === state);
        return { priority, state, count: of.length };
      }),
    );
  }

  /** Whether the disk takes what happens. */
  get isDurable(): boolean {
    return this.#parts.journal.failing === undefined;
  }

  /** What stood before this start, once the hub knows its nodes. */
  restore(hub: Hub): void {
    const { journal } = this.#parts;
    for (const key of [...journal.states.keys()]) {
      if (key.startsWith(BED)) this.#bed(key.slice(BED.length));
    }
    for (const { bed, nodes } of hub.beds.all) {
      for (const node of nodes.keys()) this.#bed(bed).node(node);
    }
    for (const watch of this.#beds.values()) watch.settle();
    for (const [key, expected] of [...journal.states]) {
      if (!key.startsWith(NODE)) continue;
      const node = key.slice(NODE.length);
      if (hub.beds.nodes.has(node)) hub.expect(node, expected as ExpectedNode);
      else journal.set(key, undefined);
    }
  }

  frame(entry: NodeEntry, frame: Frame, placed: Placed, arrivedMs: number): void {
    this.#bed(entry.stay).node(entry.node).frame(frame, placed, arrivedMs);
  }

  silent(entry: NodeEntry, _sinceMs: number, untilMs: number | undefined): void {
    this.#bed(entry.stay)
      .node(entry.node)
      .silent(untilMs === undefined);
  }

  fault(bed: string, fault: Fault, untilMs: number | undefined): void {
    this.#bed(bed)
      .node(fault.node)
      .fault(fault, untilMs === undefined);
  }

  expected(node: string, expected: ExpectedNode | undefined): void {
    this.#parts.journal.set(NODE + node, expected);
  }

  left(node: string, bed: string): void {
    this.#bed(bed).leave(node);
  }

  *events(): Iterable<readonly [string, object]> {
    for (const watch of this.#beds.values()) {
      yield ['alarms', watch.liveAlarms];
      yield ['news2', watch.liveNews2];
    }
  }

  /** With every beat. */
  tick(): void {
    const { clock, say, failed, journal } = this.#parts;
    const stepMs = clock.step();
    if (stepMs !== 0) say(stepText(stepMs), { event: 'clock-step', level: 'warn' });
    const nowMs = clock.wallMs();
    for (const watch of this.#beds.values()) {
      try {
        watch.tick(nowMs);
        this.#tell(watch);
      } catch (error) {
        failed(error);
      }
    }
    void journal.durable();
  }

  /** Undefined where there is no such bed. */
  get(bed: string): BedWatch | undefined {
    return this.#beds.get(bed);
  }

  /**
   * What a person does at a bed: pages hear of it at once. Resolves true when it is on the disk; throws
   * AlarmError where it is refused, and then nothing has changed.
   */
  async act(watch: BedWatch, name: string, run: (nowMs: number) => void): Promise<boolean> {
    const nowMs = this.#parts.clock.wallMs();
    watch.tick(nowMs);
    run(nowMs);
    // What follows of it: a score, an alarm that stands no more.
    watch.tick(nowMs);
    this.acts.set(name, (this.acts.get(name) ?? 0) + 1);
    watch.isUnsaved = true;
    this.#tell(watch);
    return await this.#parts.journal.durable();
  }

  #tell(watch: BedWatch): void {
    for (const [name, event] of watch.untold()) this.#parts.send(name, event);
    if (!watch.isFed && watch.isCalm) {
      this.#beds.delete(watch.bed);
      this.#parts.journal.set(BED + watch.bed, undefined);
      return;
    }
    if (!watch.isUnsaved) return;
    watch.isUnsaved = false;
    this.#parts.journal.set(BED + watch.bed, watch.saved);
  }

  #bed(bed: string): BedWatch {
    const known = this.#beds.get(bed);
    if (known !== undefined) return known;
    const saved = this.#parts.journal.states.get(BED + bed) as SavedBed | undefined;
    const watch = this.#watch(bed, saved);
    this.#beds.set(bed, watch);
    return watch;
  }

  #watch(bed: string, saved: SavedBed | undefined): BedWatch {
    const { clock, journal, say } = this.#parts;
    const options = {
      ...{ bed, nowMs: clock.wallMs() },
      record: (record: AlarmRecord) => journal.add({ bed, ...record }),
    };
    if (saved === undefined) return new BedWatch(options);
    try {
      return new BedWatch({ ...options, saved });
    } catch (error) {
      if (!isSnapshotError(error)) throw error;
      say(forgottenText(bed), { event: 'ward-journal', level: 'warn' });
      return new BedWatch(options);
    }
  }
}

const stepText = (ms: number): string =>
  `the clock of this machine was set ${ms < 0 ? 'back' : 'forward'} by ${Math.round(Math.abs(ms) / 1000)} s; silences are timed by another, but readings of now may be taken for old or early ones until it is right.`;

const forgottenText = (bed: string): string =>
  `what the ward’s journal keeps of bed ${bed} cannot be read: its alarms, limits and standby begin anew. Look at the bed.`;
