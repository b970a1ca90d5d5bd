/**
 * The replay cache: each (keyId, nonce) is taken once.                                [PROTO-10]
 *
 * A request counts as fresh within 60 s of the server's clock, either way, so one accepted now may
 * come again for 120 s; each entry is kept that long. Full means refuse: forgetting early would
 * open the door to the replay it was kept for.
 *
 * Clocks jump. What is forgotten leaves its creation time behind, and nothing created at or before
 * that is taken again: a clock that leaps ahead and back lets no old request in.
 */
import { REQUEST_AGE_MS_MAX } from '../limits.ts';

const KEPT_MS = 2 * REQUEST_AGE_MS_MAX;
const SWEEP_EVERY_MS = 1000;

interface Taken {
  readonly keyId: string;
  readonly createdMs: number;
  readonly acceptedMs: number;
}

export interface NonceWindowOptions {
  /** Entries one key may hold, so that one asker cannot fill the window for all. */
  readonly limitPerKey?: number;
  /**
   * When this server started: requests of earlier seconds may have been taken by the process
   * before it, whose window is gone.
   */
  readonly startedMs?: number;
}

export class NonceWindow {
  readonly #limit: number;
  readonly #limitPerKey: number;
  readonly #taken = new Map<string, Taken>();
  readonly #countOf = new Map<string, number>();
  #forgottenMs: number;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(limit: number, options: NonceWindowOptions = {}) {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new RangeError(`NonceWindow: limit must be an integer of at least 1, got ${limit}`);
    }
    this.#limit = limit;
    this.#limitPerKey = options.limitPerKey ?? limit;
    // `created` has whole seconds: the starting second itself must still be taken.
    this.#forgottenMs =
      Math.floor((options.startedMs ?? Number.NEGATIVE_INFINITY) / 1000) * 1000 - 1;
  }

  /** True once for each (keyId, nonce); false for a replay, a stale request or a full window. */
  accept(keyId: string, nonce: string, createdMs: number, nowMs: number): boolean {
    // Written so that NaN is refused.
    if (!(Math.abs(nowMs - createdMs) <= REQUEST_AGE_MS_MAX)) return false;
    this.#sweep(nowMs);
    if (createdMs <= this.#forgottenMs) return false;
    const key = `${keyId} ${nonce}`;
    if (this.#taken.has(key) || this.#taken.size >= this.#limit) return false;
    const held = this.#countOf.get(keyId) ?? 0;
    if (held >= this.#limitPerKey) return false;
    this.#taken.set(key, { keyId, createdMs, acceptedMs: nowMs });
    this.#countOf.set(keyId, held + 1);
    return true;
  }

  /** At most once a second, so that a flood does not pay for a scan with every request. */
  #sweep(nowMs: number): void {
    if (Math.abs(nowMs - this.#sweptMs) < SWEEP_EVERY_MS) return;
    this.#sweptMs = nowMs;
    for (const [key, { keyId, createdMs, acceptedMs }] of this.#taken) {
      if (nowMs - acceptedMs < KEPT_MS) continue;
      this.#taken.delete(key);
      this.#forgottenMs = Math.max(this.#forgottenMs, createdMs);
      const held = this.#countOf.get(keyId)! - 1;
      if (held === 0) this.#countOf.delete(keyId);
      else this.#countOf.set(keyId, held);
    }
  }
}
