/**
 * What pages draw with, free of the DOM at import time:
 *
 *   figures.ts   numbers, ages and clock times as every screen words them
 *   sweep.ts     a trace that sweeps: gaps stay gaps, the sweep before is quieter
 *   place.ts     where a wave stands in its box, and at what gain
 *   playhead.ts  which moment of a late, bursty signal is drawn now
 *   pen.ts       the little of a 2D canvas context that drawing needs
 */
export { ABSENT, NARROW, formatAge, formatClock, formatNumber, formatZone } from './figures.ts';
export { fitWave, placeWave } from './place.ts';
export type { Place, WaveBox } from './place.ts';
export type { Pen } from './pen.ts';
export { Playhead } from './playhead.ts';
export { Sweep, drawSweep, headOf } from './sweep.ts';
export type { SweepSegment, SweepView } from './sweep.ts';
