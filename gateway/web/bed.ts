/**
 * What the page knows of one bed: the newest reading of each vital sign, its traces, what was said
 * about it. No words and no pixels here: `bed-view.ts` words it, `bed-tile.ts` paints it.
 */
import type {
  LiveAlarms,
  LiveBed,
  LiveNews2,
  LiveNotice,
  LiveNumber,
  LiveWave,
} from '../live/feed.ts';
import { Trace } from './trace.ts';

export interface Reading {
  readonly value: number;
  /** 0 to 4 bars, 255 not known. */
  readonly quality: number;
  /** UTC second it says it was taken in. */
  readonly second: number;
  /** When it was taken, by the gateway's clock; never later than it came. */
  readonly atMs: number;
}

export class Bed {
  readonly readings = new Map<string, Reading>();
  readonly traces = new Map<string, Trace>();
  /** The newest notice of each kind and node; of kind `sensor`, of each channel and error too. */
  readonly notices = new Map<string, LiveNotice>();
  /** As last told; they stand when the feed is lost. */
  alarms: LiveAlarms | null = null;
  news2: LiveNews2['news2'] = null;
  announced: LiveBed;

  constructor(announced: LiveBed) {
    this.announced = announced;
  }

  takeNumbers(numbers: readonly LiveNumber[], nowMs: number): void {
    for (const { vital, value, second, quality } of numbers) {
      // A second's reading may be taken at any moment of it; a clock that runs ahead makes no
      // reading newer than its arrival, and being told again makes none newer at all.
      const atMs = Math.min((second + 1) * 1000, nowMs);
      const known = this.readings.get(vital);
      if (known !== undefined && (known.second === second || atMs < known.atMs)) continue;
      this.readings.set(vital, { value, quality, second, atMs });
    }
  }

  takeWave(wave: LiveWave, nowMs: number): void {
    if (!(wave.rateMilliHz > 0)) return;
    let trace = this.traces.get(wave.channel);
    if (trace === undefined) this.traces.set(wave.channel, (trace = new Trace()));
    trace.add(wave, nowMs);
  }

  takeNotice(notice: LiveNotice): void {
    // A node that is back is no longer silent, and its coming back is no news.
    const { kind, node, sensor } = notice;
    if (kind === 'connected') this.notices.delete(`silent ${node}`);
    else if (sensor === undefined) this.notices.set(`${kind} ${node}`, notice);
    else this.notices.set(`${kind} ${node} ${sensor.channel} ${sensor.error}`, notice);
  }

  /** The feed was lost, and with it when they ended; those that last are told anew. */
  forgetSensors(): void {
    for (const [key, { kind, lasts }] of this.notices) {
      if (kind === 'sensor' || lasts === true) this.notices.delete(key);
    }
  }

  /** When the newest thing of this bed was measured; −Infinity before the first. */
  get dataMs(): number {
    const times = [...this.readings.values()].map(({ atMs }) => atMs);
    return Math.max(-Infinity, ...times, ...[...this.traces.values()].map(({ dataMs }) => dataMs));
  }
}
