/**
 * Filters and windows for one sample at a time, designed for any rate, each step O(1).
 *
 *   Biquad       y = b0·x + s1;  s1 = b1·x − a1·y + s2;  s2 = b2·x − a2·y     (transposed direct form II)
 *                low-pass, high-pass, band-pass, notch: R. Bristow-Johnson, "Cookbook formulae for audio
 *                equalizer biquad filter coefficients" (W3C Note, 2021)
 *   MovingMean   the mean of the last n samples; linear phase, delays by (n − 1) / 2
 *   MovingMax    the largest of the last n (monotonic queue, Lemire 2006)
 *   History      the last n values by their index
 *
 * All memory is taken when they are made.
 */

export type FilterKind = 'low-pass' | 'high-pass' | 'band-pass' | 'notch';

/** Butterworth of second order. */
const Q_BUTTERWORTH = Math.SQRT1_2;

export class Biquad {
  readonly #b0: number;
  readonly #b1: number;
  readonly #b2: number;
  readonly #a1: number;
  readonly #a2: number;
  #s1 = 0;
  #s2 = 0;

  /** Throws RangeError unless 0 < frequency < rate / 2. */
  constructor(kind: FilterKind, frequencyHz: number, rateHz: number, q: number = Q_BUTTERWORTH) {
    if (!(frequencyHz > 0 && frequencyHz < rateHz / 2)) {
      throw new RangeError(
        `${kind}: expected a frequency in (0, ${rateHz / 2}) Hz, got ${frequencyHz}`,
      );
    }
    const angle = (2 * Math.PI * frequencyHz) / rateHz;
    const cos = Math.cos(angle);
    const alpha = Math.sin(angle) / (2 * q);
    const [b0, b1, b2] = numerator(kind, cos, alpha);
    const a0 = 1 + alpha;
    this.#b0 = b0 / a0;
    this.#b1 = b1 / a0;
    this.#b2 = b2 / a0;
    this.#a1 = (-2 * cos) / a0;
    this.#a2 = (1 - alpha) / a0;
  }

  step(x: number): number {
    const y = this.#b0 * x + this.#s1;
    this.#s1 = this.#b1 * x - this.#a1 * y + this.#s2;
    this.#s2 = this.#b2 * x - this.#a2 * y;
    return y;
  }

  /** As if `x` had been the input for ever: no step at the start of a stretch. */
  settle(x: number): void {
    const gain = (this.#b0 + this.#b1 + this.#b2) / (1 + this.#a1 + this.#a2);
    const y = gain * x;
    this.#s2 = this.#b2 * x - this.#a2 * y;
    this.#s1 = this.#b1 * x - this.#a1 * y + this.#s2;
  }
}

function numerator(kind: FilterKind, cos: number, alpha: number): [number, number, number] {
  switch (kind) {
    case 'low-pass':
      return [(1 - cos) / 2, 1 - cos, (1 - cos) / 2];
    case 'high-pass':
      return [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2];
    case 'band-pass':
      return [alpha, 0, -alpha];
    case 'notch':
      return [1, -2 * cos, 1];
  }
}

export class MovingMean {
  readonly #ring: Float64Array;
  #at = 0;
  #sum = 0;
  #sinceWrap = 0;

  /** The window holds `initial` at first. */
  constructor(length: number, initial = 0) {
    if (!(Number.isInteger(length) && length > 0)) {
      throw new RangeError(`window: expected a whole number of samples above 0, got ${length}`);
    }
    this.#ring = new Float64Array(length).fill(initial);
    this.#sum = initial * length;
  }

  step(x: number): number {
    this.#sum += x - this.#ring[this.#at]!;
    this.#sinceWrap += x;
    this.#ring[this.#at] = x;
    if (++this.#at === this.#ring.length) {
      // Once a round the sum is replaced by one freshly made, so that rounding never adds up.
      this.#at = 0;
      this.#sum = this.#sinceWrap;
      this.#sinceWrap = 0;
    }
    return this.#sum / this.#ring.length;
  }

  settle(x: number): void {
    this.#ring.fill(x);
    this.#at = 0;
    this.#sum = x * this.#ring.length;
    this.#sinceWrap = 0;
  }
}

export class MovingMax {
  readonly #length: number;
  readonly #values: Float64Array;
  readonly #indices: Float64Array;
  #head = 0;
  #size = 0;
  #index = 0;

  constructor(length: number) {
    this.#length = length;
    this.#values = new Float64Array(length);
    this.#indices = new Float64Array(length);
  }

  step(x: number): number {
    const { length } = this.#values;
    const last = (): number => (this.#head + this.#size - 1) % length;
    while (this.#size > 0 && this.#values[last()]! <= x) this.#size--;
    if (this.#size > 0 && this.#indices[this.#head]! <= this.#index - this.#length) {
      this.#head = (this.#head + 1) % length;
      this.#size--;
    }
    this.#size++;
    this.#values[last()] = x;
    this.#indices[last()] = this.#index++;
    return this.#values[this.#head]!;
  }
}

/** The last `length` values, by an index that counts from 0. */
export class History {
  readonly #ring: Float64Array;
  readonly #mask: number;
  #count = 0;

  /** Keeps at least `length` values. */
  constructor(length: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, length)));
    this.#ring = new Float64Array(size);
    this.#mask = size - 1;
  }

  get count(): number {
    return this.#count;
  }

  push(x: number): void {
    this.#ring[this.#count++ & this.#mask] = x;
  }

  /**
   * The value of an index still held; the oldest held one for indices before it, NaN for later
   * ones.
   */
  at(index: number): number {
    if (index >= this.#count) return NaN;
    const oldest = Math.max(0, this.#count - this.#ring.length);
    return this.#ring[Math.max(index, oldest) & this.#mask]!;
  }
}

/** The median of a few numbers; NaN of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
