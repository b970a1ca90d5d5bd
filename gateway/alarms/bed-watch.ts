/**
 * One bed's alarms as the gateway runs them: what its nodes tell, until when it is in standby, and what is
 * kept of it for the next start. No reading is kept: an observation of before a restart is not known.
 */
import {
  AlarmError,
  type AlarmRecord,
  BedAlarms,
  type Observation,
  PROBLEMS,
} from '@vitalshare/edge/alarms';
import type { LiveAlarms, LiveNews2, LiveStandby } from '../live/feed.ts';
import { STANDBY_MS_MAX } from '../limits.ts';
import { NodeFeed } from './node-feed.ts';

export interface SavedBed {
  readonly snapshot: unknown;
  readonly standbyUntilMs?: number;
}

/** Alarms that mean nothing where no node is. */
const OF_SENSORS = new Set<string>([
  ...PROBLEMS.filter((problem) => problem !== 'nurse-call'),
  ...['no-number', 'too-many'],
]);
/** Who ends a standby whose time is over. */
const STANDBY_OVER_BY = 'the time set';

export interface BedWatchOptions {
  readonly bed: string;
  readonly nowMs: number;
  readonly record: (record: AlarmRecord) => void;
  readonly saved?: SavedBed;
}

export class BedWatch {
  readonly bed: string;
  readonly alarms: BedAlarms;
  readonly #nodes = new Map<string, NodeFeed>();
  /** Something is to be kept that is not yet. */
  isUnsaved = false;
  #standbyUntilMs: number | undefined;
  #toldVersion = -1;
  #toldNews2 = '';

  /** Throws AlarmError `snapshot` where `saved` is none. */
  constructor({ bed, nowMs, record, saved }: BedWatchOptions) {
    this.bed = bed;
    this.alarms = new BedAlarms({
      nowMs,
      ...(saved !== undefined && { snapshot: saved.snapshot }),
      onRecord: (each) => {
        this.isUnsaved = true;
        record(each);
      },
    });
    this.#standbyUntilMs = saved?.standbyUntilMs;
  }

  get isFed(): boolean {
    return this.#nodes.size > 0;
  }

  node(name: string): NodeFeed {
    let feed = this.#nodes.get(name);
    if (feed === undefined) this.#nodes.set(name, (feed = new NodeFeed(name, this.alarms)));
    return feed;
  }

  leave(name: string): void {
    this.node(name).leave();
    this.#nodes.delete(name);
  }

  /** Nothing stands here that a patient needs: what sensors lack ends with them. */
  get isCalm(): boolean {
    return this.alarms.alarms.every(({ what }) => OF_SENSORS.has(what));
  }

  /** Of before a restart: problems of nodes that are not at this bed any more are over. */
  settle(): void {
    for (const { source } of this.alarms.alarms) {
      const node = source?.split(' ')[0];
      if (node !== undefined && !this.#nodes.has(node)) this.leave(node);
    }
  }

  tick(nowMs: number): void {
    this.alarms.tick(nowMs);
    if (this.#standbyUntilMs === undefined) return;
    if (this.alarms.inStandby === null) this.#standbyUntilMs = undefined;
    else if (nowMs >= this.#standbyUntilMs) this.alarms.resume(STANDBY_OVER_BY, nowMs);
  }

  /** Throws AlarmError: refused by the alarms, or an end that is not within a day. */
  standby(by: string, why: string, untilMs: number, nowMs: number): void {
    if (!(untilMs > nowMs && untilMs - nowMs <= STANDBY_MS_MAX)) {
      const expected = `expected an end within ${STANDBY_MS_MAX / 3_600_000} h from now`;
      throw new AlarmError('too-long', `standby: ${expected}`);
    }
    this.alarms.standby(by, why, nowMs);
    this.#standbyUntilMs = untilMs;
  }

  observe(observations: readonly Observation[], nowMs: number): void {
    for (const each of observations) this.alarms.observation(each, nowMs);
  }

  get standbyNow(): LiveStandby | null {
    const standby = this.alarms.inStandby;
    return standby && { ...standby, untilMs: this.#standbyUntilMs ?? Infinity };
  }

  get saved(): SavedBed {
    const untilMs = this.#standbyUntilMs;
    return {
      snapshot: this.alarms.snapshot(),
      ...(untilMs !== undefined && { standbyUntilMs: untilMs }),
    };
  }

  get liveAlarms(): LiveAlarms {
    const { alarms, sounds, audioPause, off } = this.alarms;
    return { bed: this.bed, alarms, sounds, audioPause, off, standby: this.standbyNow };
  }

  get liveNews2(): LiveNews2 {
    return { bed: this.bed, news2: this.alarms.news2 };
  }

  /** The events that pages have not been told. */
  *untold(): Iterable<readonly ['alarms', LiveAlarms] | readonly ['news2', LiveNews2]> {
    if (this.alarms.version === this.#toldVersion) return;
    this.#toldVersion = this.alarms.version;
    yield ['alarms', this.liveAlarms];
    const event = this.liveNews2;
    const text = JSON.stringify(event);
    if (text === this.#toldNews2) return;
    this.#toldNews2 = text;
    yield ['news2', event];
  }
}

export const isSnapshotError = (error: unknown): boolean =>
  error instanceof AlarmError && error.code === 'snapshot';
