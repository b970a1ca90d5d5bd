/**
 * One number of a patient over time: a mean, states that take it elsewhere and let it go again, and a
 * slow drift.
 *
 *   a state   from where the number is at fromS to its target within overS, along u²·(3 − 2u): no jerk
 *             at either end; at toS back to the mean the same way
 *   a drift   two sines of random phase, periods of minutes: no steps, and no memory is needed
 *
 * A state that begins while another's way back is under way takes the number from where it is.
 */
import type { Random } from './random.ts';

interface Piece {
  readonly fromS: number;
  readonly overS: number;
  readonly fromValue: number;
  readonly toValue: number;
}

export interface CourseState {
  readonly fromS: number;
  readonly toS: number;
  readonly overS: number;
  readonly target: number;
}

function valueOf({ fromS, overS, fromValue, toValue }: Piece, atS: number): number {
  const u = overS > 0 ? Math.min(1, (atS - fromS) / overS) : 1;
  return fromValue + (toValue - fromValue) * u * u * (3 - 2 * u);
}

export class Course {
  readonly #pieces: Piece[];
  /** Time mostly goes on: the piece asked for last is the first looked at. */
  #at = 0;

  /** States in any order, none of which overlap. */
  constructor(mean: number, states: readonly CourseState[]) {
    this.#pieces = [{ fromS: -Infinity, overS: 0, fromValue: mean, toValue: mean }];
    for (const { fromS, toS, overS, target } of states.toSorted((a, b) => a.fromS - b.fromS)) {
      this.#add(fromS, overS, target);
      if (toS < Infinity) this.#add(toS, overS, mean);
    }
  }

  #add(fromS: number, overS: number, toValue: number): void {
    const fromValue = valueOf(this.#pieces.at(-1)!, fromS);
    this.#pieces.push({ fromS, overS, fromValue, toValue });
  }

  at(atS: number): number {
    const pieces = this.#pieces;
    while (this.#at > 0 && pieces[this.#at]!.fromS > atS) this.#at--;
    while (this.#at + 1 < pieces.length && pieces[this.#at + 1]!.fromS <= atS) this.#at++;
    return valueOf(pieces[this.#at]!, atS);
  }
}

const DRIFT_PERIODS_S = [
  { min: 4 * 60, max: 9 * 60 },
  { min: 15 * 60, max: 40 * 60 },
] as const;

/** A drift of at most `amplitude` up and down. */
export function makeDrift(amplitude: number, random: Random): (atS: number) => number {
  const waves = DRIFT_PERIODS_S.map(({ min, max }) => ({
    perS: (2 * Math.PI) / (min + (max - min) * random.uniform()),
    phase: 2 * Math.PI * random.uniform(),
  }));
  return (atS) => {
    let sum = 0;
    for (const { perS, phase } of waves) sum += Math.sin(perS * atS + phase);
    return (amplitude / 2) * sum;
  };
}
