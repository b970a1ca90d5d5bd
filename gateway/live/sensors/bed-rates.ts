/**
 * The heart rates of one bed against its pulse rates: one heart, so they agree, or one sensor is wrong
 * or on somebody else. Which of the two cannot be told from two: both are named.
 *
 *   second s:  heart rate of one node ─┐
 *                                      ├─ both there: Disagreement.row(s)
 *              pulse rate of any node ─┘
 *
 * Frames of two nodes come as they please, so the newest HELD_SECONDS of each rate are held and a
 * second is judged when the later of the two has come. Rates that never fall in one second are not
 * compared.
 */
import { Disagreement } from '@vitalshare/edge/signals';
import { SENSOR_RATES_MAX } from '../../limits.ts';
import { type FaultPlace, Faults, type TellFault } from './faults.ts';

/** A node that sends every half minute is still compared. */
const HELD_SECONDS = 64;
/** Two that were not compared for so long say nothing of now. */
const UNCOMPARED_SECONDS_MAX = 60;
const SIDES = ['heart-rate', 'pulse-rate'] as const;
type Side = (typeof SIDES)[number];

export const isRate = (vital: string): vital is Side => SIDES.some((side) => side === vital);

/** The newest readings of one rate, by second. */
class Rate {
  readonly #seconds = new Float64Array(HELD_SECONDS).fill(-1);
  readonly #values = new Float64Array(HELD_SECONDS);

  set(second: number, value: number): void {
    this.#seconds[second % HELD_SECONDS] = second;
    this.#values[second % HELD_SECONDS] = value;
  }

  at(second: number): number | undefined {
    const slot = second % HELD_SECONDS;
    return this.#seconds[slot] === second ? this.#values[slot] : undefined;
  }
}

interface Pair {
  readonly place: FaultPlace;
  readonly disagreement: Disagreement;
  second: number;
}

export class BedRates {
  readonly faults: Faults;
  readonly #rates = {
    'heart-rate': new Map<string, Rate>(),
    'pulse-rate': new Map<string, Rate>(),
  };
  readonly #pairs = new Map<string, Pair>();

  constructor(tell: TellFault) {
    this.faults = new Faults(tell);
  }

  get isEmpty(): boolean {
    return SIDES.every((side) => this.#rates[side].size === 0);
  }

  /** Seconds of one node rise. */
  read(node: string, side: Side, second: number, value: number): void {
    const rates = this.#rates[side];
    let rate = rates.get(node);
    if (rate === undefined) {
      if (rates.size >= SENSOR_RATES_MAX) return;
      rates.set(node, (rate = new Rate()));
    }
    rate.set(second, value);
    for (const [other, theirs] of this.#rates[otherOf(side)]) {
      const their = theirs.at(second);
      if (their === undefined) continue;
      const [heart, pulse] = side === 'heart-rate' ? [node, other] : [other, node];
      const pair = this.#pair(heart, pulse);
      pair.second = second;
      pair.disagreement.row(1e6 * second, value, their);
    }
  }

  /** It is `nowUs` of one of the nodes' time. */
  settle(nowUs: number): void {
    for (const [key, { place, second }] of this.#pairs) {
      if (nowUs - 1e6 * second < 1e6 * UNCOMPARED_SECONDS_MAX) continue;
      this.#pairs.delete(key);
      this.faults.drop((fault) => sameTwo(fault, place), 1e6 * second);
    }
    this.faults.settle(nowUs);
  }

  leave(node: string, nowUs: number): void {
    for (const side of SIDES) this.#rates[side].delete(node);
    const isOf = ({ node: heart, other }: FaultPlace) => heart === node || other?.node === node;
    for (const [key, { place }] of this.#pairs) if (isOf(place)) this.#pairs.delete(key);
    this.faults.drop(isOf, nowUs);
  }

  #pair(heart: string, pulse: string): Pair {
    const key = `${heart} ${pulse}`;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const other = { node: pulse, channel: 'pulse-rate' };
    const place = { node: heart, channel: 'heart-rate', other };
    const disagreement = new Disagreement((error) => this.faults.note(place, error));
    const pair = { place, disagreement, second: 0 };
    this.#pairs.set(key, pair);
    return pair;
  }
}

const otherOf = (side: Side): Side => (side === 'heart-rate' ? 'pulse-rate' : 'heart-rate');

const sameTwo = (a: FaultPlace, b: FaultPlace): boolean =>
  a.node === b.node && a.other?.node === b.other?.node;
