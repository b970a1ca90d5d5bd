/** For the tests of two worlds: what learns to tell them apart by what somebody was seen to hold. */
import type { Run } from './two-worlds.fixture.ts';

/** Logistic regression on standardised features by stochastic gradient descent. */
export class Distinguisher {
  readonly #mean: Float64Array;
  readonly #scale: Float64Array;
  readonly #weights: Float64Array;
  #bias = 0;

  constructor(learned: readonly Run[], epochs = 6) {
    const size = learned[0]!.features.length;
    this.#mean = new Float64Array(size);
    this.#scale = new Float64Array(size);
    this.#weights = new Float64Array(size);
    for (const { features } of learned) {
      features.forEach((x, i) => (this.#mean[i]! += x / learned.length));
    }
    for (const { features } of learned) {
      features.forEach((x, i) => (this.#scale[i]! += (x - this.#mean[i]!) ** 2 / learned.length));
    }
    this.#scale.forEach((variance, i) => (this.#scale[i] = variance > 0 ? variance ** -0.5 : 0));
    let step = 0.02;
    for (let epoch = 0; epoch < epochs; epoch++, step /= 2) {
      for (const { features, world } of learned) {
        const off = 1 / (1 + Math.exp(-this.#score(features))) - world;
        this.#bias -= step * off;
        for (let i = 0; i < size; i++) {
          this.#weights[i]! -= step * off * (features[i]! - this.#mean[i]!) * this.#scale[i]!;
        }
      }
    }
  }

  guess({ features }: Pick<Run, 'features'>): 0 | 1 {
    return this.#score(features) > 0 ? 1 : 0;
  }

  #score(features: Float64Array): number {
    let score = this.#bias;
    for (let i = 0; i < features.length; i++) {
      score += this.#weights[i]! * (features[i]! - this.#mean[i]!) * this.#scale[i]!;
    }
    return score;
  }
}
