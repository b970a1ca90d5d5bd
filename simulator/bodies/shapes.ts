/**
 * What a heartbeat looks like, electrical and at the fingertip. Heights of an ECG are those of lead II
 * with R = 1; `axisDeg` is where the wave points in the frontal plane, from which lead I follows.
 *
 * Sinus beats: P, Q, R, S, T with the parameters of McSharry, Clifford, Tarassenko, Smith, "A dynamical
 * model for generating synthetic electrocardiogram signals", IEEE TBME 50(3):289–294 (2003), table I.
 * Their equation dz/dt = −Σ a·Δθ·exp(−Δθ²/2b²) integrates along the limit cycle to
 * Σ a·b²·exp(−Δθ²/2b²); here that closed form is used, over the height of R. An angle of 2π is one
 * second at 60 beats a minute; P and T move and stretch with √RR as in Bazett, Heart 7:353–370 (1920),
 * QRS stays. The others by eye, QRS about 150 ms: a ventricular beat from the outflow tract, a paced one
 * from the apex of the right ventricle, both without P and with T against QRS.
 *
 * Leads: Einthoven's triangle, I at 0°, II at 60°, III at 120°; lead I of a wave is its height in II times
 * cos(axis)/cos(axis − 60°), and III = II − I.
 */
import type { Bump } from './bumps.ts';

export interface Wave extends Bump {
  readonly axisDeg: number;
}

const mcsharry = (
  theta: number,
  a: number,
  b: number,
  stretches: boolean,
  axisDeg: number,
): Wave => ({
  atS: theta / (2 * Math.PI),
  sigmaS: b / (2 * Math.PI),
  height: (a * b * b) / (30 * 0.1 * 0.1),
  stretches,
  axisDeg,
});

const SINUS: readonly Wave[] = [
  mcsharry(-Math.PI / 3, 1.2, 0.25, true, 60),
  mcsharry(-Math.PI / 12, -5, 0.1, false, 35),
  mcsharry(0, 30, 0.1, false, 50),
  mcsharry(Math.PI / 12, -7.5, 0.1, false, 70),
  mcsharry(Math.PI / 2, 0.75, 0.4, true, 45),
];

const wide = (atS: number, sigmaS: number, height: number, axisDeg: number, stretches = false) => ({
  ...{ atS, sigmaS, height, axisDeg, stretches },
});

export const ECG_SHAPES = {
  sinus: SINUS,
  /** P, the first wave, is the atria's. */
  'no-p': SINUS.slice(1),
  ventricular: [
    wide(-0.01, 0.032, 1.2, 95),
    wide(0.085, 0.034, -0.55, 95),
    wide(0.3, 0.06, -0.35, 95, true),
  ],
  paced: [wide(0, 0.03, -1.1, -70), wide(0.075, 0.034, 0.25, -70), wide(0.3, 0.06, 0.4, -70, true)],
} as const satisfies Record<string, readonly Wave[]>;
export type BeatForm = keyof typeof ECG_SHAPES;

/** A pacemaker's spike: one sample of an ECG at 250 Hz, so long before the mark of its beat, mV. */
export const SPIKE = { beforeMs: 64, heightMv: 0.8, axisDeg: -70 } as const;

/** A systolic wave and the smaller dicrotic one behind it; numbers chosen by eye. */
export const PULSE: readonly Bump[] = [
  { atS: 0.18, sigmaS: 0.07, height: 1, stretches: true },
  { atS: 0.42, sigmaS: 0.1, height: 0.35, stretches: true },
];

/** What the heart's movement adds to the impedance of the chest, over a breath. */
export const CARDIOGENIC: readonly Bump[] = [
  { atS: 0.2, sigmaS: 0.1, height: 0.1, stretches: true },
];

/** Height in lead I over that in lead II of what points this way. */
export const shareOfLeadI = (axisDeg: number): number =>
  Math.cos((axisDeg * Math.PI) / 180) / Math.cos(((axisDeg - 60) * Math.PI) / 180);
