/**
 * Publications whose PUBACK waits for the disk. One that waits too long is let go without its PUBACK, so
 * that its socket is read on: a log that cannot be written stops acknowledging, not the ward's page. The
 * sealed answer still comes when the frame is durable, and it alone lets the node erase [WIRE-2].
 */
export class Holds {
  /** By rising time. */
  readonly #held = new Set<{ readonly sinceMs: number; readonly letGo: () => void }>();
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
    const held = { sinceMs: nowMs, letGo };
    this.#held.add(held);
    return () => this.#held.delete(held);
  }

  /** Lets go whatever has waited since before `untilMs`. */
  letGo(untilMs: number): void {
    for (const held of this.#held) {
      if (held.sinceMs > untilMs) return;
      this.#held.delete(held);
      this.#letGoCount += 1;
      held.letGo();
    }
  }
}
