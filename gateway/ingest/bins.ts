/**
 * Counts by bin: how many readings of a stay and vital sign fell into each bin, five minutes at a time,
 * kept in memory and appended to the log as increments (PROTOCOL.md, Counts by bin) [PROTO-35].
 *
 *   frame durable ─► its new cells ─► counts of (stay, vital sign, window) ─► one bins record when
 *                                     in memory                the window is over and still, or we close
 *
 * A crash loses the counts that were not appended, never a reading: the answer then says over how many
 * readings it was made.
 */
import { encodeMaskedBins, KIND, WINDOW_SECONDS } from '@vitalshare/cloud-sink/messages';
import type { MaskKeys } from '@vitalshare/edge/sharing';
import { splitCounts } from '@vitalshare/edge/sharing/split';
import type { Vital } from '@vitalshare/edge/vital';
import { binCount, binOf } from '@vitalshare/edge/vital/bins';
import { BINS_GRACE_MS, BINS_PENDING_MAX, BINS_SETTLE_MS } from '../limits.ts';
import type { MaskedLog } from '../log/masked-log.ts';
import type { CountedCells } from './counted-cells.ts';
import type { PlacedColumn } from './place.ts';

export interface BinsParts {
  readonly keys: MaskKeys;
  readonly log: MaskedLog;
  readonly cells: CountedCells;
  readonly clock: () => number;
}

/** Counts of one stay, vital sign and five minutes that are not in the log yet. */
interface Pending {
  readonly stay: string;
  /** What the log calls the stay. */
  readonly number: number;
  readonly vital: Vital;
  /** UTC second. */
  readonly window: number;
  readonly counts: Uint16Array;
  readings: number;
  touchedMs: number;
}

export class Bins {
  readonly #parts: BinsParts;
  /** Oldest first. */
  readonly #pending = new Map<string, Pending>();
  /** By stay; in memory only, never the same twice in a run [SHARE-21] [S1]. */
  readonly #counters = new Map<string, number>();

  constructor(parts: BinsParts) {
    this.#parts = parts;
  }

  /** Readings that are durable now, of the stay that the log calls `number`; returns how many cells they took. */
  count(stay: string, number: number, columns: readonly PlacedColumn[]): number {
    let taken = 0;
    for (const { vital, start, rows, presence, values } of columns) {
      const column = { vital: vital.code, start, rows, presence };
      let pending: Pending | undefined;
      this.#parts.cells.take(stay, column, (window, _at, reading) => {
        if (pending?.window !== window) pending = this.#of(stay, number, vital, window);
        pending.counts[binOf(vital, values[reading]!)]! += 1;
        pending.readings += 1;
        taken += 1;
      });
    }
    for (const [key, pending] of this.#pending) {
      if (this.#pending.size <= BINS_PENDING_MAX || !this.#append(key, pending)) break;
    }
    return taken;
  }

  /** Called now and then: appends what is over and still. */
  tick(): void {
    const nowMs = this.#parts.clock();
    for (const [key, pending] of this.#pending) {
      const overMs = 1_000 * (pending.window + WINDOW_SECONDS) + BINS_GRACE_MS;
      const stillMs = pending.touchedMs + BINS_SETTLE_MS;
      if (nowMs >= overMs && nowMs >= stillMs && !this.#append(key, pending)) return;
    }
  }

  /** Appends everything that waits; the log makes it durable when it stops. */
  flush(): void {
    for (const [key, pending] of this.#pending) this.#append(key, pending);
  }

  #of(stay: string, number: number, vital: Vital, window: number): Pending {
    const key = `${stay} ${vital.code} ${window}`;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      const counts = new Uint16Array(binCount(vital));
      pending = { stay, number, vital, window, counts, readings: 0, touchedMs: 0 };
      this.#pending.set(key, pending);
    }
    pending.touchedMs = this.#parts.clock();
    return pending;
  }

  /** One increment; false where the log takes nothing: no mask is spent and the counts wait on. */
  #append(key: string, { stay, number, vital, window, counts, readings }: Pending): boolean {
    const { keys, log } = this.#parts;
    if (log.full) return false;
    this.#pending.delete(key);
    const counter = (this.#counters.get(stay) ?? 0) + 1;
    this.#counters.set(stay, counter);
    const masked = splitCounts(keys, stay, counter, counts);
    const record = { stay: number, counter, vital: vital.code, window, readings, masked };
    // A log that closes on a failing disk loses counts, as a crash does.
    log.append({ kind: KIND.bins, bytes: encodeMaskedBins(record) }).catch(() => undefined);
    return true;
  }
}
