/**
 * Counts by bin: how many readings of a stay and vital sign fell into each bin, five minutes at a time,
 * kept in memory and appended to the log as increments (PROTOCOL.md, Counts by bin) [PROTO-35].
 *
 *   frame durable ─► its new cells ─► counts of (stay, vital sign, window) ─► one bins record when
 *                    300 bits each                     the window is over and still, or we close
 *
 * A cell counts once while its window is remembered. A crash loses the counts that were not appended,
 * never a reading: the answer then says over how many readings it was made.
 */
import { encodeMaskedBins, KIND, WINDOW_SECONDS } from '@vitalshare/cloud-sink/messages';
import type { MaskKeys } from '@vitalshare/edge/sharing';
import { splitCounts } from '@vitalshare/edge/sharing/split';
import type { Vital } from '@vitalshare/edge/vital';
import { binCount, binOf } from '@vitalshare/edge/vital/bins';
import { BINS_GRACE_MS, BINS_PENDING_MAX, BINS_SETTLE_MS, BINS_WINDOWS_MAX } from '../limits.ts';
import type { MaskedLog } from '../log/masked-log.ts';
import type { PlacedColumn } from './place.ts';

export interface BinsParts {
  readonly keys: MaskKeys;
  readonly log: Pick<MaskedLog, 'append' | 'full'>;
  readonly clock: () => number;
}

/** One stay, vital sign and five minutes. */
interface Window {
  readonly stay: string;
  readonly number: number;
  readonly vital: Vital;
  /** UTC second. */
  readonly start: number;
  /** A bit a second that was counted. */
  readonly presence: Uint8Array;
  /** Not appended yet, by bin; undefined where nothing waits. */
  counts: Uint16Array | undefined;
  readings: number;
  touchedMs: number;
}

export class Bins {
  readonly #parts: BinsParts;
  /** Remembered, least recently touched first. */
  readonly #windows = new Map<string, Window>();
  /** Those with counts that wait, least recently touched first. */
  readonly #pending = new Set<Window>();
  /** By stay; in memory only, never the same twice in a run [SHARE-21] [S1]. */
  readonly #counters = new Map<string, number>();

  constructor(parts: BinsParts) {
    this.#parts = parts;
  }

  /** Readings that are durable now, of the stay that the log calls `number`. */
  count(stay: string, number: number, columns: readonly PlacedColumn[]): void {
    for (const { vital, start, rows, presence, values } of columns) {
      let window: Window | undefined;
      let next = 0;
      for (let row = 0; row < rows; row++) {
        if (((presence[row >> 3]! >> (row & 7)) & 1) === 0) continue;
        const reading = values[next++]!;
        const second = start + row;
        if (window === undefined || second - window.start >= WINDOW_SECONDS) {
          window = this.#touch(stay, number, vital, second - (second % WINDOW_SECONDS));
        }
        add(window, second - window.start, reading);
        if (window.counts !== undefined) this.#pending.add(window);
      }
    }
    this.#keepLimits();
  }

  /** Called now and then: appends what is over and still. */
  tick(): void {
    const nowMs = this.#parts.clock();
    for (const window of [...this.#pending]) {
      const overMs = 1_000 * (window.start + WINDOW_SECONDS) + BINS_GRACE_MS;
      if (nowMs >= overMs && nowMs >= window.touchedMs + BINS_SETTLE_MS) this.#append(window);
    }
  }

  /** Appends everything that waits; the log makes it durable when it stops. */
  flush(): void {
    for (const window of [...this.#pending]) this.#append(window);
  }

  #touch(stay: string, number: number, vital: Vital, start: number): Window {
    const key = `${stay} ${vital.code} ${start}`;
    const known = this.#windows.get(key);
    const window = known ?? {
      ...{ stay, number, vital, start },
      presence: new Uint8Array(Math.ceil(WINDOW_SECONDS / 8)),
      ...{ counts: undefined, readings: 0, touchedMs: 0 },
    };
    window.touchedMs = this.#parts.clock();
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (this.#pending.delete(window)) this.#pending.add(window);
    return window;
  }

  #keepLimits(): void {
    for (const window of this.#pending) {
      if (this.#pending.size <= BINS_PENDING_MAX) break;
      this.#append(window);
      if (this.#pending.has(window)) break; // The log takes nothing now.
    }
    for (const [key, window] of this.#windows) {
      if (this.#windows.size <= BINS_WINDOWS_MAX) break;
      if (this.#pending.has(window)) this.#append(window);
      this.#pending.delete(window);
      this.#windows.delete(key);
    }
  }

  /** One increment. Where the log takes nothing, no mask is spent and the counts wait on. */
  #append(window: Window): void {
    const { keys, log } = this.#parts;
    const { stay, number, vital, start, counts, readings } = window;
    if (counts === undefined || log.full) return;
    const counter = (this.#counters.get(stay) ?? 0) + 1;
    this.#counters.set(stay, counter);
    const masked = splitCounts(keys, stay, counter, counts);
    const record = { stay: number, counter, vital: vital.code, window: start, readings, masked };
    window.counts = undefined;
    window.readings = 0;
    this.#pending.delete(window);
    // A log that closes on a failing disk loses counts, as a crash does.
    log.append({ kind: KIND.bins, bytes: encodeMaskedBins(record) }).catch(() => undefined);
  }
}

/** Counts a reading of second `at` of the window, unless that second was counted before. */
function add(window: Window, at: number, reading: number): void {
  const bit = 1 << (at & 7);
  if ((window.presence[at >> 3]! & bit) !== 0) return;
  window.presence[at >> 3]! |= bit;
  window.counts ??= new Uint16Array(binCount(window.vital));
  window.counts[binOf(window.vital, reading)]! += 1;
  window.readings += 1;
}
