/**
 * Samples of one rate on which waves are drawn ahead of time, second by second.
 *
 *   │ this second │ what beats of now reach into … │        turn(): one second to the left
 *   0           1 s                              4 s
 *
 * A wave is drawn once and whole, so how its sum is rounded never depends on how time is cut.
 */
import { addGaussian, type Bump } from './bumps.ts';

export const CANVAS_S = 4;

export class Canvas {
  readonly samples: Float64Array;
  readonly #rateHz: number;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
    this.samples = new Float64Array(CANVAS_S * rateHz);
  }

  /**
   * Draws the waves of a beat whose mark lies `markMs` after the start of this second, times `height`;
   * `shares` are factors of each wave.
   */
  draw(
    bumps: readonly Bump[],
    markMs: number,
    rrMs: number,
    height: number,
    shares?: readonly number[],
  ): void {
    const rateHz = this.#rateHz;
    const stretched = Math.sqrt(rrMs / 1000);
    for (let i = 0; i < bumps.length; i++) {
      const bump = bumps[i]!;
      const stretch = bump.stretches ? stretched : 1;
      const share = shares === undefined ? 1 : shares[i]!;
      addGaussian(
        this.samples,
        (markMs / 1000 + bump.atS * stretch) * rateHz,
        bump.sigmaS * stretch * rateHz,
        bump.height * height * share,
      );
    }
  }

  turn(): void {
    this.samples.copyWithin(0, this.#rateHz);
    this.samples.fill(0, this.samples.length - this.#rateHz);
  }
}
