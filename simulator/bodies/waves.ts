/**
 * The shape of one heartbeat, electrical and at the fingertip, as sums of Gaussians around the R peak.
 *
 * ECG: P, Q, R, S, T with the parameters of McSharry, Clifford, Tarassenko, Smith, "A dynamical model
 * for generating synthetic electrocardiogram signals", IEEE TBME 50(3):289–294 (2003), table I. Their
 * equation dz/dt = −Σ a·Δθ·exp(−Δθ²/2b²) integrates along the limit cycle to Σ a·b²·exp(−Δθ²/2b²); here
 * that closed form is used, divided by the height of R. An angle of 2π is one second at 60 beats a
 * minute; P and T move and stretch with √RR as in Bazett, Heart 7:353–370 (1920), QRS stays.
 *
 * Pleth: a systolic wave and the smaller dicrotic one behind it, numbers chosen by eye.
 */

interface Bump {
  /** Seconds after R (ECG) or after the pulse's arrival (pleth), at an RR of one second. */
  readonly atS: number;
  readonly sigmaS: number;
  readonly height: number;
  readonly stretches: boolean;
}

const mcsharry = (theta: number, a: number, b: number, stretches: boolean): Bump => ({
  atS: theta / (2 * Math.PI),
  sigmaS: b / (2 * Math.PI),
  height: (a * b * b) / (30 * 0.1 * 0.1),
  stretches,
});

const ECG: readonly Bump[] = [
  mcsharry(-Math.PI / 3, 1.2, 0.25, true),
  mcsharry(-Math.PI / 12, -5, 0.1, false),
  mcsharry(0, 30, 0.1, false),
  mcsharry(Math.PI / 12, -7.5, 0.1, false),
  mcsharry(Math.PI / 2, 0.75, 0.4, true),
];

/**
 * A beat from a ventricle: wide, no P, T the other way; heights and widths chosen by eye, QRS about
 * 150 ms.
 */
const VENTRICULAR: readonly Bump[] = [
  { atS: -0.01, sigmaS: 0.032, height: 1.2, stretches: false },
  { atS: 0.085, sigmaS: 0.034, height: -0.55, stretches: false },
  { atS: 0.3, sigmaS: 0.06, height: -0.35, stretches: true },
];

/** P, the first of ECG's bumps, is the atria's. */
const ECG_WITHOUT_P = ECG.slice(1);

const PLETH: readonly Bump[] = [
  { atS: 0.18, sigmaS: 0.07, height: 1, stretches: true },
  { atS: 0.42, sigmaS: 0.1, height: 0.35, stretches: true },
];

/** Beyond this many σ a bump is below a tenth of the smallest step any channel has. */
const SIGMAS = 5;

function sum(bumps: readonly Bump[], afterMs: number, rrMs: number): number {
  // A beat that never comes has no shape.
  if (rrMs === Infinity) return 0;
  const stretch = Math.sqrt(rrMs / 1000);
  let total = 0;
  for (const { atS, sigmaS, height, stretches } of bumps) {
    const scale = stretches ? stretch : 1;
    const z = (afterMs / 1000 - atS * scale) / (sigmaS * scale);
    if (Math.abs(z) < SIGMAS) total += height * Math.exp((-z * z) / 2);
  }
  return total;
}

interface Beats {
  readonly beforeMs: number;
  readonly lastMs: number;
  readonly nextMs: number;
}

/** What sort of beat one is; sinus rhythm where it is not said. */
export interface BeatForm {
  readonly isVentricular: boolean;
  readonly hasP: boolean;
}
const SINUS: BeatForm = { isVentricular: false, hasP: true };

const bumpsOf = ({ isVentricular, hasP }: BeatForm): readonly Bump[] =>
  isVentricular ? VENTRICULAR : hasP ? ECG : ECG_WITHOUT_P;

/** Both the beat behind and the beat ahead are heard: its P comes before its R. The R peak is 1. */
export const ecgAt = (
  atMs: number,
  beats: Beats,
  formOf: (beatMs: number) => BeatForm = () => SINUS,
): number =>
  sum(bumpsOf(formOf(beats.lastMs)), atMs - beats.lastMs, beats.lastMs - beats.beforeMs) +
  sum(bumpsOf(formOf(beats.nextMs)), atMs - beats.nextMs, beats.nextMs - beats.lastMs);

export const plethAt = (atMs: number, beats: Beats): number =>
  sum(PLETH, atMs - beats.lastMs, beats.lastMs - beats.beforeMs) +
  sum(PLETH, atMs - beats.nextMs, beats.nextMs - beats.lastMs);
