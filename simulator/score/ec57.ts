/**
 * Beats found against beats annotated, as ANSI/AAMI EC57 counts them.
 *
 *   reference   ──x────x──────x───[ ~~~ ]──x──►       a pair is a reference beat and a detection at most
 *   detected    ──x─────x──x──x────x──x────x──►       150 ms apart, each in one pair only
 *                 tp    tp fp tp  (left out) tp
 *
 *   sensitivity = tp / (tp + fn)        ppv = tp / (tp + fp)       fractions; NaN where nothing was there
 *
 * Stretches of flutter or fibrillation, from `[` to `]`, are left out on both sides. Of two detections
 * that could take a beat, the nearer takes it (bxb of the WFDB software does the same).
 */
import { isBeat, type Annotation } from '@vitalshare/edge/formats';

export const MATCH_MS = 150;
/** EC57 lets a detector learn for so long; the headline does not. */
export const LEARNING_S = 300;

export interface BeatScore {
  readonly beats: number;
  readonly detected: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly sensitivity: number;
  readonly ppv: number;
}

/** `detected`: sample numbers, rising. `fromSample`: what lies before is left out. */
export function scoreBeats(
  annotations: readonly Annotation[],
  detected: readonly number[],
  rateHz: number,
  fromSample = 0,
): BeatScore {
  const out = flutter(annotations);
  const annotated = annotations.flatMap(({ code, sample }) => (isBeat(code) ? [sample] : []));
  const beats = outside(out, annotated, fromSample);
  const found = outside(out, detected, fromSample);
  const tp = countPairs(beats, found, (MATCH_MS * rateHz) / 1000);
  return {
    beats: beats.length,
    detected: found.length,
    tp,
    fp: found.length - tp,
    fn: beats.length - tp,
    sensitivity: tp / beats.length,
    ppv: tp / found.length,
  };
}

/** Both rising: one walk along both. */
function outside(
  stretches: readonly Stretch[],
  samples: readonly number[],
  fromSample: number,
): number[] {
  let at = 0;
  return samples.filter((sample) => {
    while (at < stretches.length && stretches[at]![1] < sample) at++;
    const isInside = at < stretches.length && sample >= stretches[at]![0];
    return sample >= fromSample && !isInside;
  });
}

/** Both ends belong to it. */
type Stretch = readonly [from: number, to: number];

function flutter(annotations: readonly Annotation[]): Stretch[] {
  const stretches: Stretch[] = [];
  let from: number | undefined;
  for (const { symbol, sample } of annotations) {
    if (symbol === '[') from ??= sample;
    if (symbol !== ']' || from === undefined) continue;
    stretches.push([from, sample]);
    from = undefined;
  }
  if (from !== undefined) stretches.push([from, Infinity]);
  return stretches;
}

/**
 * Both rising. A pair is made unless the next on one side is nearer, and nearer than the two next
 * are.
 */
function countPairs(beats: readonly number[], found: readonly number[], window: number): number {
  const apart = (i: number, j: number): number =>
    i < beats.length && j < found.length ? Math.abs(beats[i]! - found[j]!) : Infinity;
  let pairs = 0;
  for (let i = 0, j = 0; i < beats.length && j < found.length;) {
    const distance = apart(i, j);
    const after = apart(i + 1, j + 1);
    if (distance > window && beats[i]! < found[j]!) i++;
    else if (distance > window) j++;
    else if (apart(i, j + 1) < Math.min(distance, after)) j++;
    else if (apart(i + 1, j) < Math.min(distance, after)) i++;
    else {
      pairs++;
      i++;
      j++;
    }
  }
  return pairs;
}
