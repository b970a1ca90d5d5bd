/** How every frame and every connection ended, by the names of WIRE.md's table of outcomes. */
import { REFUSALS } from '../broker/refusal.ts';

export const OUTCOMES = [
  'accepted',
  'duplicate',
  'out-of-range',
  'unknown-version',
  'unknown-vital',
  'malformed',
  'far-future',
  ...REFUSALS,
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export class Counters {
  readonly #counts = new Map<Outcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));

  add(outcome: Outcome, count = 1): void {
    this.#counts.set(outcome, this.#counts.get(outcome)! + count);
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
