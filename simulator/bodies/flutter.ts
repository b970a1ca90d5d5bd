/**
 * An ECG without beats: the sum of four sines whose frequency wanders within a band and whose height
 * comes and goes. A picture of fibrillation, and no more. Frequency and height are set anew every 40 ms.
 */
import type { Random } from './random.ts';
import type { FlutterBand } from './rhythms.ts';

const SINES = 4;
/** Samples of an ECG at 250 Hz between two settings. */
const SET_EVERY = 10;
const RATE_HZ = 250;

export class Flutter {
  readonly #sines: readonly {
    readonly centreHz: number;
    readonly wanderHz: number;
    readonly beatHz: number;
    readonly phases: readonly [wander: number, beat: number];
    turns: number;
  }[];
  readonly #swingHz: number;
  readonly #heightMv: number;

  constructor({ lowHz, highHz, heightMv }: FlutterBand, random: Random) {
    const within = (min: number, max: number): number => min + (max - min) * random.uniform();
    const halfHz = (highHz - lowHz) / 2;
    this.#sines = Array.from({ length: SINES }, () => ({
      centreHz: (lowHz + highHz) / 2 + within(-0.5, 0.5) * halfHz,
      wanderHz: within(0.1, 0.35),
      beatHz: within(0.15, 0.6),
      phases: [random.uniform(), random.uniform()] as const,
      turns: random.uniform(),
    }));
    this.#swingHz = halfHz / 2;
    this.#heightMv = heightMv / 2;
  }

  /**
   * Adds to [from … to) of the second that begins at `secondS`, once for each, in order: the wave to
   * lead II, its share to lead I where that is drawn.
   */
  addTo(
    leadII: Float64Array,
    leadI: Float64Array | null,
    shareI: number,
    from: number,
    to: number,
    secondS: number,
  ): void {
    for (const sine of this.#sines) {
      let { turns } = sine;
      for (let start = from; start < to; start += SET_EVERY) {
        const atS = secondS + start / RATE_HZ;
        const hz = sine.centreHz + this.#swingHz * sin(sine.wanderHz * atS + sine.phases[0]);
        const height = this.#heightMv * (0.6 + 0.4 * sin(sine.beatHz * atS + sine.phases[1]));
        const end = Math.min(to, start + SET_EVERY);
        for (let i = start; i < end; i++) {
          const mV = height * sin(turns);
          leadII[i]! += mV;
          if (leadI !== null) leadI[i]! += shareI * mV;
          turns += hz / RATE_HZ;
        }
      }
      sine.turns = turns % 1;
    }
  }
}

const sin = (turns: number): number => Math.sin(2 * Math.PI * turns);
