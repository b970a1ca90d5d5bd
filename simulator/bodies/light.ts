/**
 * What a finger's red and infrared light would be for a pulse and a saturation: a picture of the
 * geometry of an oximeter, made backwards through the very curve that is to read it.
 *
 *   infrared = level · (1 − perfusion · pulse)          R = (110 − SpO₂) / 25, the line `110-25R`
 *   red      = level · (1 − R · perfusion · pulse)
 *
 * So it shows that a number finds its way from light to a page, and nothing about how right it is for a
 * finger: no scatter, no venous pulse, no light of the room.
 */
import type { RecordedWaveform } from '@vitalshare/edge/formats';

/** Counts of a 16-bit converter. */
const RED_LEVEL = 14_000;
const INFRARED_LEVEL = 24_000;
/** Of the level, at the top of a pulse. */
const PERFUSION = 0.03;

/** How much more red light pulsates than infrared, each for its level. */
export const ratioOfSpo2 = (percent: number): number => (110 - percent) / 25;

/** `pulse`: 0 at its foot, about 1 at its top, sampled at `sampleRateMilliHz`. Saturation in percent. */
export function lightOf(
  pulse: readonly number[],
  sampleRateMilliHz: number,
  spo2Percent: number,
): readonly [red: RecordedWaveform, infrared: RecordedWaveform] {
  const ratio = ratioOfSpo2(spo2Percent);
  const lit = (level: number, part: number): Int16Array =>
    Int16Array.from(pulse, (height) => Math.round(level * (1 - part * PERFUSION * height)));
  const shape = { lead: '', unit: '1', sampleRateMilliHz, gain: 1, baseline: 0 } as const;
  return [
    { channel: 'red', ...shape, samples: lit(RED_LEVEL, ratio) },
    { channel: 'infrared', ...shape, samples: lit(INFRARED_LEVEL, 1) },
  ];
}
