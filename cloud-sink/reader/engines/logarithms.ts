/**
 * The table of baby steps for the searches at hand, made once and kept: as long as the giant steps that
 * it saves take. √(numbers to search) steps of each are the fewest together.
 */
import { BABY_STEP_BITS_MAX, BABY_STEP_BITS_MIN } from '../../limits.ts';
import { Logarithms, makeBabySteps, type Range } from '../../elgamal/elgamal.ts';
import type { Progress } from '../session.ts';

let kept: { readonly bits: number; readonly logarithms: Logarithms } | undefined;

/** `times` is in how many multiples each range is searched. Tells `progress` while it makes one. */
export function logarithmsFor(
  ranges: readonly Range[],
  times: number,
  progress: Progress,
): Logarithms {
  const work = ranges.reduce((sum, { low, high }) => sum + Number(high - low) * times, 1);
  const wanted = Math.ceil(Math.log2(Math.sqrt(work)));
  const bits = Math.min(BABY_STEP_BITS_MAX, Math.max(BABY_STEP_BITS_MIN, wanted));
  if (kept !== undefined && kept.bits >= bits) return kept.logarithms;
  const table = makeBabySteps(bits, (done, total) => progress(done, total, 'baby steps'));
  kept = { bits, logarithms: new Logarithms(table) };
  return kept.logarithms;
}
