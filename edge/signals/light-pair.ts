/**
 * Two channels of light into the pairs an oximeter wants: red and infrared come in segments of their
 * own, one after the other, and are brought together sample by sample.
 *
 *   red       ▮▮▮▮▮▮▮▮▮▮  ─┐  wait for each other, no longer than WAIT_S ─► begin, sample {red, infrared}
 *   infrared  ▮▮▮▮▮▮▮     ─┘  what has no partner by then is a pair with one missing
 *
 * Both must have one rate, and starts that lie whole samples apart: an LED that lights half a sample
 * later is taken as lit with the other. A pair's stretch begins when both have begun and ends when
 * either ends; outside of it nothing is told. Memory: WAIT_S of one channel.
 */
import type { LightSample } from './oximeter.ts';
import type { SampleSink } from './stream.ts';

const WAIT_S = 5;

/** What takes the pairs; a new stretch ends the one before. */
export interface LightSink {
  begin(startUs: number, rateHz: number): void;
  sample(sample: LightSample): void;
}

/** One colour's stretch. */
class Side {
  readonly rateHz: number;
  readonly waiting: number[] = [];
  /** Time of the first that waits, or of the next to come. */
  nextUs: number;
  /** How many to come are to be dropped: the other colour began later, or went on without them. */
  late = 0;

  constructor(startUs: number, rateHz: number) {
    this.nextUs = startUs;
    this.rateHz = rateHz;
  }

  drop(count: number): void {
    const there = Math.min(count, this.waiting.length);
    this.waiting.splice(0, there);
    this.late += count - there;
    this.nextUs += (count * 1e6) / this.rateHz;
  }

  /** The first that waits; one that does not come any more is NaN. */
  take(): number {
    const [first = NaN] = this.waiting;
    this.drop(1);
    return first;
  }
}

export class LightPair {
  readonly red: SampleSink;
  readonly infrared: SampleSink;
  readonly #sink: LightSink;
  #red: Side | null = null;
  #infrared: Side | null = null;
  #isPaired = false;

  constructor(sink: LightSink) {
    this.#sink = sink;
    this.red = this.#side((side) => (this.#red = side));
    this.infrared = this.#side((side) => (this.#infrared = side));
  }

  #side(keep: (side: Side | null) => void): SampleSink {
    let side: Side | null = null;
    const set = (stretch: Side | null): void => {
      keep((side = stretch));
      this.#pair();
    };
    const take = (value: number): void => {
      if (side === null) return;
      if (side.late > 0) side.late--;
      else side.waiting.push(value);
      this.#give();
    };
    return {
      begin: (startUs, rateHz) => set(new Side(startUs, rateHz)),
      sample: take,
      missing: () => take(NaN),
      end: () => set(null),
    };
  }

  #pair(): void {
    const [red, infrared] = [this.#red, this.#infrared];
    this.#isPaired = red !== null && infrared !== null && red.rateHz === infrared.rateHz;
    if (!this.#isPaired || red === null || infrared === null) return;
    const apart = Math.round(((infrared.nextUs - red.nextUs) * red.rateHz) / 1e6);
    if (apart > 0) red.drop(apart);
    else infrared.drop(-apart);
    this.#sink.begin(infrared.nextUs, red.rateHz);
    this.#give();
  }

  #give(): void {
    const [red, infrared] = [this.#red, this.#infrared];
    const isFull = (side: Side | null): boolean =>
      side !== null && side.waiting.length > WAIT_S * side.rateHz;
    if (!this.#isPaired || red === null || infrared === null) {
      for (const side of [red, infrared]) if (isFull(side)) side?.drop(1);
      return;
    }
    const isDue = (): boolean =>
      (red.waiting.length > 0 && infrared.waiting.length > 0) || isFull(red) || isFull(infrared);
    while (isDue()) this.#sink.sample({ red: red.take(), infrared: infrared.take() });
  }
}
