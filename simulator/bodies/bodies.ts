/**
 * Door `@vitalshare/simulator/bodies`: patients who never were, for a ward without hardware.
 *
 *   body.ts      makeBody(seed, bed): waveforms and numbers that belong together
 *   arrhythmia.ts  what a heart can do other than beat in sinus rhythm
 *   patient.ts   what differs from bed to bed and drifts
 *   waves.ts     the shape of one heartbeat (McSharry et al. 2003)
 *   train.ts     beats and breaths, one after the other
 *   random.ts    seeded random numbers, a stream for every use
 *   disturbances.ts   apnoea, motion, a probe that falls off
 */
export { BODY_WAVEFORMS, makeBody } from './body.ts';
export type { Body, BodyBeat, BodyReading, BodySlice } from './body.ts';
export { makeRandom } from './random.ts';
export type { Random } from './random.ts';
export { ARRHYTHMIAS } from './arrhythmia.ts';
export type { Arrhythmia, Onset } from './arrhythmia.ts';
export { withApnoea, withMotion, withoutFinger } from './disturbances.ts';
export type { Stretch } from './disturbances.ts';
