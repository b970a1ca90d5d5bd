/** What the engine `elgamal` cannot answer, whatever the rows (`planner.ts`). */
import type { Cannot } from './engine.ts';

/** A discrete logarithm is searched in 2^40 numbers; the weighted sums of patients' means reach p/2. */
export const cannotElgamal: Cannot = (_config, { unit }) =>
  unit === 'row'
    ? undefined
    : "weighted sums of patients' means are too large for a discrete logarithm";
