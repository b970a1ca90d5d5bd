/**
 * Door `@vitalshare/simulator/bodies`: patients who never were, for a ward without hardware.
 *
 *   plan.ts       what is to happen, and when           BodyPlan, checkPlan
 *   body.ts       a patient from a seed and a plan      makeBody
 *   slice.ts      what a body gives, and the truth      BODY_WAVEFORMS, BodySlice
 *   patient.ts    its numbers over time, what differs from bed to bed; course.ts: one number
 *   lungs.ts      breaths, one after the other
 *   heart.ts      beats, the pulse they make, pressure and transit time; rhythms.ts: what comes next
 *   painter.ts    a second's samples of every channel; second.ts, canvas.ts, noise.ts, flutter.ts
 *   shapes.ts     the waves of a beat (McSharry et al. 2003); bumps.ts: a Gaussian, fast
 *   artefacts.ts  what is wrong with a sensor
 *   truth.ts      the numbers that are true
 *   light.ts      red and infrared of a saturation
 *   random.ts     seeded random numbers, a stream for every use
 */
export { makeBody } from './body.ts';
export { BODY_WAVEFORMS, EXTRA_WAVEFORMS } from './slice.ts';
export type {
  Body,
  BodyBeat,
  BodyReading,
  BodySlice,
  BodyTruth,
  BodyWaveform,
  ExtraWaveform,
  TruthInterval,
  TruthName,
  TruthSecond,
} from './slice.ts';
export { BODY_ARTEFACTS, BODY_NUMERICS, BODY_RHYTHMS, checkPlan } from './plan.ts';
export type {
  BodyArtefact,
  BodyNumeric,
  BodyPlan,
  BodyRhythm,
  Numerics,
  PlannedArtefact,
  PlannedRhythm,
  PlannedState,
  PlanInterval,
} from './plan.ts';
export { makeRandom } from './random.ts';
export type { Random } from './random.ts';
