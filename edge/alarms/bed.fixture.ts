/** A bed under test: virtual seconds, one of everything that is told in each, and the records it wrote. */
import type { RhythmFlag } from '../vital/vital.ts';
import type { AlarmErrorCode, AlarmRecord } from './alarm.ts';
import { AlarmError } from './alarm.ts';
import { BedAlarms, type BedAlarmsOptions } from './bed-alarms.ts';

/** 2026-11-25, noon. */
export const NOON_MS = Date.UTC(2026, 10, 25, 12);

export interface Second {
  readonly numbers?: Readonly<Record<string, number | null>>;
  readonly bars?: number;
  readonly reason?: string;
  readonly flags?: readonly RhythmFlag[] | null;
}

export class Ward {
  readonly records: AlarmRecord[] = [];
  nowMs = NOON_MS;
  bed: BedAlarms;

  constructor(options: Partial<BedAlarmsOptions> = {}) {
    const onRecord = (record: AlarmRecord) => this.records.push(record);
    this.bed = new BedAlarms({ nowMs: this.nowMs, onRecord, ...options });
  }

  /** So many seconds, each like this. */
  run(seconds: number, second: Second = {}): this {
    for (let i = 0; i < seconds; i++) this.second(second);
    return this;
  }

  second({ numbers = {}, bars = 4, reason, flags }: Second): void {
    this.nowMs += 1000;
    this.bed.tick(this.nowMs);
    for (const [vital, value] of Object.entries(numbers)) {
      this.bed.number(vital, value, this.nowMs, bars, reason);
    }
    if (flags !== undefined) this.bed.rhythm(flags, this.nowMs);
  }

  restart(downMs = 0): this {
    const snapshot = JSON.parse(JSON.stringify(this.bed.snapshot())) as unknown;
    this.nowMs += downMs;
    const onRecord = (record: AlarmRecord) => this.records.push(record);
    this.bed = new BedAlarms({ nowMs: this.nowMs, onRecord, snapshot });
    return this;
  }

  acknowledge(what: string, by = 'Ada'): this {
    this.bed.acknowledge(this.bed.alarms.find((alarm) => alarm.what === what)!.id, by, this.nowMs);
    return this;
  }

  /** `rate-high medium active` … */
  get shown(): string[] {
    return this.bed.alarms.map(({ what, priority, state }) => `${what} ${priority} ${state}`);
  }

  /** `began rate-high inactive→active` … of alarms, from the record at `from` on. */
  told(from = 0): string[] {
    return this.records.slice(from).map(({ cause, alarm, topic, by }) => {
      const about = alarm === undefined ? topic : `${alarm.what} ${alarm.from}→${alarm.to}`;
      return [cause, about, by].filter((word) => word !== undefined).join(' ');
    });
  }
}

export function codeOf(act: () => unknown): AlarmErrorCode | 'done' {
  try {
    act();
  } catch (error) {
    if (error instanceof AlarmError) return error.code;
    throw error;
  }
  return 'done';
}
