/**
 * Whether what repeats in a window of pleth is a machine: flicker of a lamp folded down, a pump.
 *
 *   wave ──► its ground tone around each period ──► how much amplitude and interval vary
 *
 * No heart keeps time and height. With every breath a heart quickens and its pulse sways; a paced heart
 * keeps time, but its pulse sways still. So both must be steadier than any heart's. The tone is
 * taken under a Hann window of two periods and not from the tops, since those of a steep edge vary by how
 * it falls between samples. What was measured, least and 99th centile of 12 s windows, %:
 *
 *                                              interval   amplitude
 *   BIDMC 01, hypoxia 100006, 8 made bodies    0.8 up     1.5 up (least of each: not in one window)
 *   a paced pulse that breathes by ±4 %        0 to 0.05  2.5 to 3.0
 *   flicker, pumps, two tones                  0 to 0.6   0 to 1.4
 *
 * Sharp spikes are little tone, and noise moves it; they are told by that and by the beats' own times.
 * Limits: noise of a twentieth of its height makes a machine look alive, and so does any wobble of 1 %;
 * a paced heart whose pulse sways by less than 1.5 % has no number.
 */

/** Deviation over mean, each. */
const TONE_INTERVAL_SPREAD_MIN = 0.008;
const TONE_AMPLITUDE_SPREAD_MIN = 0.015;
/** Part of the energy beside the ground tone: a pulse has up to 0.5, spikes of one sample have 0.78 and more. */
const SPIKY_BESIDE_TONE = 0.7;
const SPIKY_INTERVAL_SPREAD_MIN = 0.005;

/** `intervals` of the beats in samples, two or more; `besideTone` as `shareBesideTone` has it. */
export function isMachine(
  wave: Float64Array,
  intervals: readonly number[],
  besideTone: number,
): boolean {
  if (besideTone > SPIKY_BESIDE_TONE && spread(intervals) < SPIKY_INTERVAL_SPREAD_MIN) return true;
  const period = intervals.reduce((sum, one) => sum + one, 0) / intervals.length;
  const tones = tonesOf(wave, period);
  if (tones.length < 3) return false;
  const steps = tones.slice(1).map(({ turns }, i) => {
    const step = turns - tones[i]!.turns;
    return 1 + step - Math.round(step);
  });
  return (
    spread(steps) < TONE_INTERVAL_SPREAD_MIN &&
    spread(tones.map(({ amplitude }) => amplitude)) < TONE_AMPLITUDE_SPREAD_MIN
  );
}

/** Deviation over mean. */
function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const square = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length;
  return Math.sqrt(square) / mean;
}

/** Amplitude, and phase in turns, of the tone of this period, once a period. */
function tonesOf(wave: Float64Array, period: number): { amplitude: number; turns: number }[] {
  const tones: { amplitude: number; turns: number }[] = [];
  for (let middle = period; middle + period < wave.length; middle += period) {
    let [real, imaginary] = [0, 0];
    for (let i = Math.ceil(middle - period); i <= middle + period; i++) {
      const angle = (2 * Math.PI * (i - middle)) / period;
      const value = wave[i]! * (1 + Math.cos(angle / 2));
      real += value * Math.cos(angle);
      imaginary -= value * Math.sin(angle);
    }
    const turns = Math.atan2(imaginary, real) / (2 * Math.PI);
    tones.push({ amplitude: Math.hypot(real, imaginary), turns });
  }
  return tones;
}
