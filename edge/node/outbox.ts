/**
 * Which frames are not settled, which of them to send next, and what an answer settles: the node
 * loop without its bytes, sockets and timers.
 *
 *   waiting ──sent──► flying ──due, named missing, or reconnected──► to send again ──sent──► flying
 *                        └──────────── settled or refused by an answer ────────────► gone
 *
 * At most `inFlightMax` frames fly. A flying frame is due 5 s after it was sent, then 10, 20, 40,
 * 60, 60, … [WIRE-16]; the first answer that names it missing makes it due at once [WIRE-13].
 */
import { RESEND_MS_FIRST, RESEND_MS_MAX } from '../limits.ts';
import type { Answer, Range } from '../wire/answer.ts';

export interface Unsettled {
  readonly boot: number;
  readonly sequence: number;
  /** Held only where it is about to be sent or flying; else the journal has it. */
  bytes: Uint8Array | null;
  /** The journal does not have it: its bytes are here until it is settled. */
  readonly isSpare: boolean;
  /** How often it was sent in this lifetime of the node. */
  sends: number;
  /** Called at the first send. */
  onSent: (() => void) | null;
  /** Sends since the last connection, which the back-off counts. */
  tries: number;
  dueMs: number;
}

export interface Settlement {
  readonly settled: number;
  readonly refused: number;
  /** What the journal can erase. */
  readonly ranges: Range[];
}

export class Outbox {
  readonly #inFlightMax: number;
  readonly #boots = new Map<number, Map<number, Unsettled>>();
  readonly #waiting = new Set<Unsettled>();
  readonly #flying = new Set<Unsettled>();
  readonly #again = new Set<Unsettled>();
  /** The highest sequence used in each boot of this lifetime. */
  readonly #used = new Map<number, number>();
  #newestBoot = 0;
  #count = 0;
  #spareBytes = 0;

  constructor(inFlightMax: number) {
    this.#inFlightMax = inFlightMax;
  }

  /** Frames not settled. */
  get count(): number {
    return this.#count;
  }

  /** Of frames that only memory has. */
  get spareBytes(): number {
    return this.#spareBytes;
  }

  /** Whether a frame added now would be sent now. */
  get hasRoom(): boolean {
    return this.#waiting.size === 0 && this.#flying.size < this.#inFlightMax;
  }

  /** A boot of this lifetime begins: only its own sequences can be settled. */
  openBoot(boot: number): void {
    this.#newestBoot = boot;
    this.#used.set(boot, 0);
  }

  add(
    boot: number,
    sequence: number,
    bytes: Uint8Array | null,
    onSent: (() => void) | null,
    isSpare = false,
  ): void {
    const entry = { boot, sequence, bytes, onSent, isSpare, sends: 0, tries: 0, dueMs: 0 };
    if (isSpare) this.#spareBytes += bytes?.length ?? 0;
    const frames = this.#boots.get(boot) ?? new Map<number, Unsettled>();
    this.#boots.set(boot, frames.set(sequence, entry));
    this.#newestBoot = Math.max(this.#newestBoot, boot);
    if (this.#used.has(boot)) this.#used.set(boot, sequence);
    this.#waiting.add(entry);
    this.#count += 1;
  }

  /** The frame to send now, or `null`. It stays where it is until `sent` or `forget`. */
  next(): Unsettled | null {
    for (const entry of this.#again) return entry;
    if (this.#flying.size >= this.#inFlightMax) return null; // [WIRE-16]
    for (const entry of this.#waiting) return entry;
    return null;
  }

  /** Whether the frame is still unsettled: an answer may come while its bytes are read. */
  has(entry: Unsettled): boolean {
    return this.#boots.get(entry.boot)?.get(entry.sequence) === entry;
  }

  sent(entry: Unsettled, nowMs: number): void {
    entry.dueMs = nowMs + Math.min(RESEND_MS_FIRST * 2 ** entry.tries, RESEND_MS_MAX);
    entry.tries += 1;
    this.#waiting.delete(entry);
    this.#again.delete(entry);
    this.#flying.add(entry);
  }

  /** Moves what is due to the frames to send again. */
  collectDue(nowMs: number): void {
    for (const entry of this.#flying) if (entry.dueMs <= nowMs) this.#again.add(entry);
  }

  /** When the next flying frame is due, or `null`. */
  nextDueMs(): number | null {
    let next: number | null = null;
    for (const entry of this.#flying) {
      if (!this.#again.has(entry) && (next === null || entry.dueMs < next)) next = entry.dueMs;
    }
    return next;
  }

  /** A new connection: nobody knows what the old one lost, so all that flew is sent again, in order. */
  reconnected(): void {
    this.#again.clear();
    const flown = [...this.#flying].sort((a, b) => a.boot - b.boot || a.sequence - b.sequence);
    for (const entry of flown) {
      entry.tries = 0;
      this.#again.add(entry);
    }
  }

  forget(entry: Unsettled): void {
    const frames = this.#boots.get(entry.boot);
    frames?.delete(entry.sequence);
    if (frames?.size === 0) this.#boots.delete(entry.boot);
    this.#waiting.delete(entry);
    this.#again.delete(entry);
    this.#flying.delete(entry);
    this.#count -= 1;
    if (entry.isSpare) this.#spareBytes -= entry.bytes?.length ?? 0;
  }

  /**
   * Applies an answer; `null` if it names a boot or a sequence this node has not used [WIRE-14].
   * Of a boot before this lifetime nobody remembers the last sequence, and any will do.
   */
  settle(answer: Answer): Settlement | null {
    const { boot, sequence } = answer;
    if (boot > this.#newestBoot || sequence > (this.#used.get(boot) ?? Infinity)) return null;
    const ranges: Range[] = [];
    let settled = 0;
    let refused = 0;
    for (const entry of this.#boots.get(boot)?.values() ?? []) {
      if (entry.sequence > sequence) break; // In order: sequences only rise.
      if (holds(answer.missing, entry.sequence)) {
        if (entry.sends > 0 && entry.tries === 1) this.#again.add(entry); // [WIRE-13]
        continue;
      }
      this.forget(entry);
      extend(ranges, entry.sequence);
      if (holds(answer.refused, entry.sequence)) refused += 1;
      else settled += 1;
    }
    return { settled, refused, ranges };
  }

  /** Every callback still waiting for a first send. */
  takeCallbacks(): (() => void)[] {
    const callbacks: (() => void)[] = [];
    const frames = [...this.#boots.values()].flatMap((boot) => [...boot.values()]);
    for (const entry of frames) {
      if (entry.onSent !== null) callbacks.push(entry.onSent);
      entry.onSent = null;
    }
    return callbacks;
  }
}

const holds = (ranges: readonly Range[], sequence: number): boolean =>
  ranges.some(({ first, last }) => sequence >= first && sequence <= last);

function extend(ranges: Range[], sequence: number): void {
  const before = ranges.at(-1);
  if (before?.last === sequence - 1)
    ranges[ranges.length - 1] = { first: before.first, last: sequence };
  else ranges.push({ first: sequence, last: sequence });
}
