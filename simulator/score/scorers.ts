/** Every scorer there is; a record belongs to the first that knows it. */
import { alarmScorer } from './alarms.ts';
import { beatScorer } from './beats.ts';
import { bidmcScorer } from './bidmc.ts';
import { oximetryScorer } from './oximetry.ts';
import type { Scorer } from './scorer.ts';

export const SCORERS: readonly Scorer[] = [beatScorer, bidmcScorer, oximetryScorer, alarmScorer];
