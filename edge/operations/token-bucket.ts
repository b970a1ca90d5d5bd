/**
 * Token buckets: so much a second in the long run, so much at once (Turner 1986, the leaky bucket as a meter).
 *
 *   tokens ── perSecond ──► bucket, at most `burst` ── take(cost) ──► true | false
 *                                                   └─ delayMs(cost) ─► borrows, says how long to wait
 *
 * `take` refuses what is not there; `delayMs` never refuses: what is borrowed is waited for, so that whoever
 * sends too fast is slowed to the rate and loses nothing.
 */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    if (!(rate.perSecond > 0 && rate.burst > 0)) {
      throw new RangeError('token bucket: expected a rate and a burst above 0');
    }
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** False, and nothing taken, where fewer than `cost` are there. */
  take(cost: number, nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** Takes `cost` and says after how many ms it will have been there; 0 where it was. */
  delayMs(cost: number, nowMs: number): number {
    this.#fill(nowMs);
    this.#tokens -= cost;
    return this.#tokens >= 0 ? 0 : Math.ceil((-1000 * this.#tokens) / this.#rate.perSecond);
  }

  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= this.#rate.burst;
  }

  /** A clock that is set back fills nothing and takes nothing. */
  #fill(nowMs: number): void {
    const { perSecond, burst } = this.#rate;
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#tokens = Math.min(burst, this.#tokens + (passedMs * perSecond) / 1000);
    this.#atMs = nowMs;
  }
}

/**
 * One bucket a key, at most `keysMax`: those that are full again are forgotten first, since a new one
 * would be the same. Where none is, all further keys share one bucket, so that a crowd of addresses gets
 * no more memory and no more rate than one.
 */
export class Buckets {
  readonly #rate: Rate;
  readonly #keysMax: number;
  readonly #buckets = new Map<string, TokenBucket>();
  #crowd: TokenBucket | undefined;

  constructor(rate: Rate, keysMax: number) {
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  get size(): number {
    return this.#buckets.size;
  }

  of(key: string, nowMs: number): TokenBucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#keysMax) this.#forget(nowMs);
    if (this.#buckets.size >= this.#keysMax) {
      return (this.#crowd ??= new TokenBucket(this.#rate, nowMs));
    }
    const made = new TokenBucket(this.#rate, nowMs);
    this.#buckets.set(key, made);
    return made;
  }

  drop(key: string): void {
    this.#buckets.delete(key);
  }

  #forget(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(key);
  }
}
