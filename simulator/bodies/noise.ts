/**
 * Noise of sensors, made fast: the sum of four bytes of a 32-bit draw (sfc32, random.ts), shifted and
 * scaled to mean 0 and deviation 1. Beyond 3.46 deviations there is none; nobody who reads a converter's
 * steps can tell.
 */
import type { Random } from './random.ts';

const BYTES_MEAN = 4 * 127.5;
/** Of four uniform bytes: √(4 · (256² − 1) / 12). */
const BYTES_DEVIATION = Math.sqrt((4 * 65_535) / 12);

export class Noise {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(random: Random) {
    const word = (): number => Math.floor(random.uniform() * 2 ** 32) | 0;
    [this.#a, this.#b, this.#c] = [word(), word(), word()];
  }

  /** Adds noise of this deviation to samples[from … to). */
  addTo(samples: Float64Array, from: number, to: number, deviation: number): void {
    let [a, b, c, counter] = [this.#a, this.#b, this.#c, this.#counter];
    const scale = deviation / BYTES_DEVIATION;
    for (let i = from; i < to; i++) {
      const out = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = ((c << 21) | (c >>> 11)) + out;
      const bytes = (out & 255) + ((out >>> 8) & 255) + ((out >>> 16) & 255) + (out >>> 24);
      samples[i]! += scale * (bytes - BYTES_MEAN);
    }
    [this.#a, this.#b, this.#c, this.#counter] = [a, b, c | 0, counter];
  }
}
