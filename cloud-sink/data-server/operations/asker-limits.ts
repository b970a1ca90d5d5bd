/**
 * What one admitted key may ask, and what one address may ask without any: an asker who asks too much, or
 * a stranger who floods, leaves the others their share.
 *
 *   admitted key  so many under way, so many a minute
 *   address       requests that no admitted key signed: heads, health, and everything that was refused;
 *                 connections, and large bodies that arrive
 */
import { Addresses, Buckets } from '@vitalshare/edge/operations';
import {
  ADDRESSES_MAX,
  ASKED_PER_KEY_AT_ONCE_MAX,
  HTTP_CONNECTIONS_PER_ADDRESS_MAX,
  LARGE_BODIES_AT_ONCE_MAX,
  LARGE_BODIES_PER_ADDRESS_MAX,
  QUESTIONS_BURST,
  QUESTIONS_PER_MINUTE_MAX,
  STRANGER_BURST,
  STRANGER_REQUESTS_PER_SECOND_MAX,
} from '../../limits.ts';
import { ProblemError } from '../../messages/problem.ts';

export const LIMITED = [
  'key-at-once',
  'key-rate',
  'all-at-once',
  'stranger-rate',
  'connections',
  'large-bodies',
] as const;
export type Limited = (typeof LIMITED)[number];

/** Keys of a configuration are a few thousand at most; none of a stranger gets here. */
const KEYS_MAX = 4_096;

export class AskerLimits {
  readonly #nowMs: () => number;
  readonly #limited: (limit: Limited) => void;
  readonly #underWay = new Map<string, number>();
  readonly #rates = new Buckets(
    { perSecond: QUESTIONS_PER_MINUTE_MAX / 60, burst: QUESTIONS_BURST },
    KEYS_MAX,
  );
  readonly #strangers = new Buckets(
    { perSecond: STRANGER_REQUESTS_PER_SECOND_MAX, burst: STRANGER_BURST },
    ADDRESSES_MAX,
  );

  readonly #connections = new Addresses(HTTP_CONNECTIONS_PER_ADDRESS_MAX);
  readonly #bodies = new Addresses(LARGE_BODIES_PER_ADDRESS_MAX);

  /** `nowMs`: a clock that only rises. */
  constructor(nowMs: () => number, limited: (limit: Limited) => void) {
    this.#nowMs = nowMs;
    this.#limited = limited;
  }

  /** A signed question begins; returns what ends it. Throws ProblemError `too-many`. */
  enter(key: string): () => void {
    const now = this.#nowMs();
    const underWay = this.#underWay.get(key) ?? 0;
    if (underWay >= ASKED_PER_KEY_AT_ONCE_MAX) {
      this.#limited('key-at-once');
      const limit = { limit: ASKED_PER_KEY_AT_ONCE_MAX };
      throw new ProblemError(
        'too-many',
        'too many questions of this key at once; ask again',
        limit,
      );
    }
    if (!this.#rates.of(key, now).take(1, now)) {
      this.#limited('key-rate');
      const limit = { limit: QUESTIONS_PER_MINUTE_MAX };
      throw new ProblemError('too-many', 'too many questions of this key a minute; wait', limit);
    }
    this.#underWay.set(key, underWay + 1);
    return () => {
      const left = this.#underWay.get(key)! - 1;
      if (left > 0) this.#underWay.set(key, left);
      else this.#underWay.delete(key);
    };
  }

  /** Before anything is read of a request. Throws ProblemError `too-many`. */
  checkAddress(address: string): void {
    const now = this.#nowMs();
    if (this.#strangers.of(address, now).take(0, now)) return;
    this.#limited('stranger-rate');
    throw new ProblemError('too-many', 'too many requests that no admitted key signed; wait');
  }

  /** A request of this address that no admitted key signed, or that was refused. */
  chargeAddress(address: string): void {
    const now = this.#nowMs();
    this.#strangers.of(address, now).delayMs(1, now);
  }

  /** False where this address has as many connections as it may. */
  connected(address: string): boolean {
    const isIn = this.#connections.enter(address);
    if (!isIn) this.#limited('connections');
    return isIn;
  }

  closed(address: string): void {
    this.#connections.leave(address);
  }

  /** A large body begins to arrive; returns what ends it. Throws ProblemError `too-many`. */
  receive(address: string): () => void {
    const isIn = this.#bodies.size < LARGE_BODIES_AT_ONCE_MAX && this.#bodies.enter(address);
    if (isIn) return () => this.#bodies.leave(address);
    this.#limited('large-bodies');
    throw new ProblemError('too-many', 'too many large questions arrive at once; ask again');
  }
}
