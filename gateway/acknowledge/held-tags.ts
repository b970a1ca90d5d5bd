/**
 * Tags that data servers know and this gateway does not (`window/recover.ts`), where frames are
 * acknowledged when t + 1 servers hold them [WIRE-17]: one that fewer tell of was never acknowledged,
 * and is taken from its node again.
 */
import { ReplayWindow } from '../window/replay-window.ts';
import type { FrameName } from '../window/tag.ts';

export class HeldTags {
  readonly #needed: number;
  readonly #take: (name: FrameName) => void;
  readonly #told = new Map<number, ReplayWindow>();

  constructor(threshold: number, take: (name: FrameName) => void) {
    this.#needed = threshold + 1;
    this.#take = take;
  }

  add(server: number, names: Iterable<FrameName>): void {
    let own = this.#told.get(server);
    if (!own) this.#told.set(server, (own = new ReplayWindow()));
    for (const name of names) {
      own.add(name);
      const count = [...this.#told.values()].filter((told) => told.has(name)).length;
      if (count >= this.#needed) this.#take(name);
    }
  }
}
