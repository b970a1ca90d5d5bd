/**
 * Gaps filled for a drawing or a model that needs a value in every row, each marked for what it is.
 * The readings are copied, never written to; what is sent, shared and scored is always the readings.
 *
 *   measured   a reading
 *   held       the reading before, for up to `rowsMax` rows after it
 *   absent     nothing: a longer gap, or one before the first reading
 */
export const PROVENANCE = ['measured', 'held', 'absent'] as const;
export type Provenance = (typeof PROVENANCE)[number];

export interface FilledRow {
  /** null where absent. */
  readonly value: number | null;
  readonly provenance: Provenance;
}

/** Row by row, constant memory: no reading of the future is used. */
export class GapFiller {
  readonly #rowsMax: number;
  #last: number | null = null;
  #since = 0;

  /** Throws RangeError unless `rowsMax` is a whole number from 0. */
  constructor(rowsMax: number) {
    if (!Number.isInteger(rowsMax) || rowsMax < 0) {
      throw new RangeError(`gap fill: expected a whole number of rows, got ${rowsMax}`);
    }
    this.#rowsMax = rowsMax;
  }

  row(value: number | null): FilledRow {
    if (value !== null) {
      this.#last = value;
      this.#since = 0;
      return { value, provenance: 'measured' };
    }
    const isHeld = this.#last !== null && ++this.#since <= this.#rowsMax;
    return isHeld
      ? { value: this.#last, provenance: 'held' }
      : { value: null, provenance: 'absent' };
  }
}
