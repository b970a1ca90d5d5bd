/** A heartbeat as a detector found it. */
export interface Beat {
  /** Time of the R peak, or of the largest deflection of the QRS, µs of the channel's time. */
  readonly atUs: number;
  /** The height of the QRS in the detector's own measure over its threshold; 1 just passes. */
  readonly strength: number;
}
