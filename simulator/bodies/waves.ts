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

const PLETH: readonly Bump[] = [
  { atS: 0.18, sigmaS: 0.07, height: 1, stretches: true },
  { atS: 0.42, sigmaS: 0.1, height: 0.35, stretches: true },
];

/** Beyond this many σ a bump is below a tenth of the smallest step any channel has. */
const SIGMAS = 5;

function sum(bumps: readonly Bump[], afterMs: number, rrMs: number): number {
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

/** Both the beat behind and the beat ahead are heard: its P comes before its R. The R peak is 1. */
const heard = (bumps: readonly Bump[], atMs: number, beats: Beats): number =>
  sum(bumps, atMs - beats.lastMs, beats.lastMs - beats.beforeMs) +
  sum(bumps, atMs - beats.nextMs, beats.nextMs - beats.lastMs);

export const ecgAt = (atMs: number, beats: Beats): number => heard(ECG, atMs, beats);
export const plethAt = (atMs: number, beats: Beats): number => heard(PLETH, atMs, beats);
