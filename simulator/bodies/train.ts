/**
 * A train of events, beats or breaths, made one after the other as far ahead as somebody asks.
 * Everything periodic in a body reads its phase here, so that its channels cannot disagree.
 */

export class Train {
  /** Ascending; the events from some time before the last `forget` to just past the last request. */
  #timesMs: number[];
  readonly #intervalMs: (atMs: number) => number;

  /** `intervalMs(at)` is asked once per event, in order, for the time to the next. */
  constructor(firstMs: number, intervalMs: (atMs: number) => number) {
    this.#timesMs = [firstMs];
    this.#intervalMs = intervalMs;
  }

  /** The events around a moment: the one at or before it, the one before that, and the next. */
  around(atMs: number): { beforeMs: number; lastMs: number; nextMs: number } {
    const times = this.#timesMs;
    while (times.at(-1)! <= atMs) times.push(times.at(-1)! + this.#intervalMs(times.at(-1)!));
    let next = times.length - 1;
    while (next > 0 && times[next - 1]! > atMs) next--;
    if (next < 2) throw new RangeError(`train: expected a moment still remembered, got ${atMs} ms`);
    return { beforeMs: times[next - 2]!, lastMs: times[next - 1]!, nextMs: times[next]! };
  }

  /** How far between two events a moment is, in [0, 1). */
  phase(atMs: number): number {
    const { lastMs, nextMs } = this.around(atMs);
    return (atMs - lastMs) / (nextMs - lastMs);
  }

  /** Events a minute, from the intervals between those in the window that ends at a moment; NaN below two. */
  ratePerMinute(atMs: number, windowMs: number): number {
    const { lastMs } = this.around(atMs);
    const inWindow = this.#timesMs.filter((timeMs) => timeMs > atMs - windowMs && timeMs <= atMs);
    if (inWindow.length < 2) return NaN;
    return (60_000 * (inWindow.length - 1)) / (lastMs - inWindow[0]!);
  }

  /** The events in [fromMs, untilMs). */
  between(fromMs: number, untilMs: number): number[] {
    this.around(untilMs);
    return this.#timesMs.filter((timeMs) => timeMs >= fromMs && timeMs < untilMs);
  }

  forget(beforeMs: number): void {
    const keep = this.#timesMs.findIndex((timeMs) => timeMs >= beforeMs);
    // Where beats have ended, the last two stay: `around` asks for them.
    const most = this.#timesMs.length - 3;
    if (keep > 0) this.#timesMs.splice(0, Math.max(0, Math.min(keep, most)));
  }
}
