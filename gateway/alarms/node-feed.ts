/**
 * What one node tells its bed's alarms: numbers with their quality, rhythm flags, electrodes that are off,
 * battery and link, faults of its sensors.
 *
 *   column  ─► number(vital, value | null, the end of its second, bars)      rhythm ─► rhythm(flags | null)
 *   segment ─► lead-off, no-finger, probe-off by channel
 *   status  ─► battery-low, battery-empty, link-weak
 *   fault   ─► sensor-fault; spikes and drift stay notices: they are seldom worth a call
 *
 * Only changes of a technical problem are told on. After a restart the problems that stood are not known
 * here: what a node that speaks does not confirm within RESTORED_MS is over.
 */
import {
  BATTERY_EMPTY_PERCENT,
  BATTERY_LOW_PERCENT,
  type BedAlarms,
  LINK_WEAK_DBM,
  type Problem,
  PROBLEMS,
} from '@vitalshare/edge/alarms';
import type { StreamErrorKind } from '@vitalshare/edge/signals';
import { fromFixedPoint, inRange, RHYTHMS } from '@vitalshare/edge/vital';
import type { Frame, NumericColumn, Status, WaveformSegment } from '@vitalshare/edge/wire';
import type { Placed } from '../ingest/place.ts';
import { ALARM_ROWS_MAX, ALARM_SOURCES_MAX } from '../limits.ts';
import type { Fault } from '../live/sensors/faults.ts';

/** How far back over its bound a value is well again [ours]. */
const BATTERY_BACK_PERCENT = 5;
const LINK_BACK_DB = 5;
/** The one event there is, a nurse call. One that a node kept for longer is history: the bed's notice says when it was. */
const CALL_MS_MAX = 3_600_000;
/** The longest that a problem must last to be told at all. */
const RESTORED_MS = 60_000;

const FAULTS_TOLD: readonly StreamErrorKind[] = [
  ...(['flat-line', 'out-of-bounds', 'data-lost', 'disagreement'] as const),
];
const OFF_PROBLEM: Readonly<Record<string, Problem>> = {
  ...{ ecg: 'lead-off', resp: 'lead-off' },
  ...{ pleth: 'no-finger', red: 'no-finger', infrared: 'no-finger' },
};

export class NodeFeed {
  readonly #node: string;
  readonly #alarms: BedAlarms;
  /** By problem and source: whether it lasts. */
  readonly #told = new Map<string, boolean>();
  /** The newest second told of each vital sign. */
  readonly #seconds = new Map<string, number>();
  readonly #faults = new Map<string, Set<StreamErrorKind>>();
  #firstMs: number | undefined;
  #isSettled = false;

  constructor(node: string, alarms: BedAlarms) {
    this.#node = node;
    this.#alarms = alarms;
  }

  frame(frame: Frame, placed: Placed, nowMs: number): void {
    const anchorSecond = Math.floor(placed.anchorMs / 1000);
    for (const column of frame.columns) this.#column(column, anchorSecond, nowMs);
    for (const segment of placed.segments) this.#segment(segment);
    if (frame.status !== undefined) this.#status(frame.status);
    if (placed.events.some(({ atMs }) => nowMs - atMs < CALL_MS_MAX)) this.#call();
    this.#firstMs ??= nowMs;
    if (!this.#isSettled && nowMs - this.#firstMs >= RESTORED_MS) this.#settle();
  }

  silent(lasts: boolean): void {
    this.#tell('silent', this.#node, lasts);
  }

  fault({ channel, kind }: Fault, lasts: boolean): void {
    if (!FAULTS_TOLD.includes(kind)) return;
    const kinds = this.#faults.get(channel) ?? new Set();
    this.#faults.set(channel, kinds);
    if (lasts) kinds.add(kind);
    else kinds.delete(kind);
    this.#tell('sensor-fault', `${this.#node} ${channel}`, kinds.size > 0);
  }

  /** The node left: nothing of it lasts. */
  leave(): void {
    this.#settle();
    for (const [key, lasts] of this.#told) {
      const [problem, source] = split(key);
      if (lasts) this.#tell(problem, source, false);
    }
  }

  /** Problems of this node that stood before and were not told again. */
  #settle(): void {
    this.#isSettled = true;
    for (const { what, source } of this.#alarms.alarms) {
      const problem = PROBLEMS.find((each) => each === what);
      if (problem === undefined || source?.split(' ')[0] !== this.#node) continue;
      if (!this.#told.has(`${what} ${source}`)) this.#tell(problem, source, false);
    }
  }

  #column(column: NumericColumn, anchorSecond: number, nowMs: number): void {
    const { vital, quality, rowCount, presence, values } = column;
    const newest = this.#seconds.get(vital.name) ?? -Infinity;
    const from = Math.max(0, rowCount - ALARM_ROWS_MAX);
    let next = 0;
    for (let row = 0; row < rowCount; row++) {
      const isThere = (presence[row >> 3]! & (1 << (row & 7))) !== 0;
      const fixed = isThere ? values[next++]! : null;
      const second = anchorSecond + column.startSecond + row;
      if (row < from || second <= newest) continue;
      const value = fixed !== null && inRange(vital, fixed) ? fromFixedPoint(vital, fixed) : null;
      // A second's reading may be taken at any moment of it, and never later than it came.
      const atMs = Math.min(1000 * (second + 1), nowMs);
      if (vital.name === 'rhythm') {
        this.#alarms.rhythm(value === null || quality <= 1 ? null : (RHYTHMS[value] ?? null), atMs);
      } else this.#alarms.number(vital.name, value, atMs, quality);
    }
    const last = anchorSecond + column.startSecond + rowCount - 1;
    if (last > newest) this.#seconds.set(vital.name, last);
  }

  #segment({ waveform, lead, leadOff }: WaveformSegment): void {
    const channel = lead === '' ? waveform.name : `${waveform.name}.${lead}`;
    const problem = OFF_PROBLEM[waveform.name] ?? 'probe-off';
    this.#tell(problem, `${this.#node} ${channel}`, leadOff);
  }

  #status({ batteryPercent, linkDbm }: Status): void {
    if (batteryPercent !== null) {
      this.#below('battery-empty', batteryPercent, BATTERY_EMPTY_PERCENT, BATTERY_BACK_PERCENT);
      const isLow = batteryPercent > BATTERY_EMPTY_PERCENT;
      const low = isLow ? batteryPercent : Infinity;
      this.#below('battery-low', low, BATTERY_LOW_PERCENT, BATTERY_BACK_PERCENT);
    }
    if (linkDbm !== null) this.#below('link-weak', linkDbm, LINK_WEAK_DBM, LINK_BACK_DB);
  }

  /** It stays until somebody acknowledges it: the button was pressed, and is not any more. */
  #call(): void {
    this.#alarms.technical({ problem: 'nurse-call', source: this.#node }, true);
    this.#alarms.technical({ problem: 'nurse-call', source: this.#node }, false);
  }

  #below(problem: Problem, value: number, bound: number, back: number): void {
    const lasts = this.#told.get(`${problem} ${this.#node}`) === true;
    this.#tell(problem, this.#node, value <= (lasts ? bound + back : bound));
  }

  #tell(problem: Problem, source: string, lasts: boolean): void {
    const key = `${problem} ${source}`;
    if (this.#told.get(key) === lasts) return;
    if (this.#told.size >= ALARM_SOURCES_MAX && !this.#told.has(key)) return;
    this.#told.set(key, lasts);
    // A silent node takes its numbers with it: that they do not come is no second alarm.
    const vitals = problem === 'silent' ? { vitals: [...this.#seconds.keys()] } : {};
    this.#alarms.technical({ problem, source, ...vitals }, lasts);
  }
}

function split(key: string): readonly [Problem, string] {
  const at = key.indexOf(' ');
  return [key.slice(0, at) as Problem, key.slice(at + 1)];
}
