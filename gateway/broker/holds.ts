/**
 * Publications whose PUBACK waits for the disk. One that waits too long is let go without its PUBACK, so
 * that its socket is read on: a log that cannot be written stops acknowledging, not the ward's page. The
 * sealed answer still comes when the frame is durable, and it alone lets the node erase [WIRE-2].
 */
export class Holds {
  /** By rising time. */
  readonly #held = new Map<symbol, { readonly sinceMs: number; readonly letGo: () => void }>();
  #letGoCount = 0;

  get size(): number {
    return this.#held.size;
  }

  /** Let go without a PUBACK, in all. */
  get letGoCount(): number {
    return this.#letGoCount;
  }

  /** Returns what ends the hold: false where it was let go before. */
  hold(nowMs: number, letGo: () => void): () => boolean {
    const key = Symbol();
    this.#held.set(key, { sinceMs: nowMs, letGo });
    return () => this.#held.delete(key);
  }

  /** Lets go whatever has waited since before `untilMs`. */
  letGo(untilMs: number): void {
    for (const [key, { sinceMs, letGo }] of this.#held) {
      if (sinceMs > untilMs) return;
      this.#held.delete(key);
      this.#letGoCount += 1;
      letGo();
    }
  }
}
