/**
 * Which moment of a signal is drawn now. Samples arrive late and in bursts (a frame carries a second
 * of them), a sweep must move evenly:
 *
 *   lateness of a segment = arrival − time of its first sample
 *   playhead              = now − (least lateness of the last 12 segments + 250 ms)
 *
 * The least, not the greatest: frames a node had kept come late and must not hold back what is live.
 * The playhead leans towards its target by at most half the time that passed, so it never goes back,
 * and jumps only over more than 2 s. A sensor's clock may be wrong by any amount: only differences count.
 */
const SEGMENTS = 12;
const SLACK_MS = 250;
const JUMP_MS = 2_000;

export class Playhead {
  readonly #latenessMs: number[] = [];
  #atMs: number | null = null;
  #movedMs = 0;

  /** A segment that starts at `startMs` of its own clock came at `nowMs`. */
  arrived(startMs: number, nowMs: number): void {
    this.#latenessMs.push(nowMs - startMs);
    if (this.#latenessMs.length > SEGMENTS) this.#latenessMs.shift();
  }

  /** The moment to draw, in the signal's own time; `null` before the first segment. */
  at(nowMs: number): number | null {
    if (this.#latenessMs.length === 0) return null;
    const targetMs = nowMs - Math.min(...this.#latenessMs) - SLACK_MS;
    const passedMs = Math.max(0, nowMs - this.#movedMs);
    this.#movedMs = nowMs;
    if (this.#atMs === null) return (this.#atMs = targetMs);
    const offMs = targetMs - (this.#atMs + passedMs);
    if (offMs > JUMP_MS || offMs < -JUMP_MS) return (this.#atMs = targetMs);
    const leanMs = Math.max(-passedMs / 2, Math.min(passedMs / 2, offMs));
    return (this.#atMs += passedMs + leanMs);
  }
}
