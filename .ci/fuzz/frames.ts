/** Valid frames of a node, from the fuzzer's randomness. */
import { LEADS, VITALS, WAVEFORM_UNITS, WAVEFORMS } from '../../edge/vital/vital.ts';
import { numericColumn } from '../../edge/wire/column.ts';
import { type Frame, RESET_CAUSES } from '../../edge/wire/frame.ts';
import type { Random } from './random.ts';

const some = <T>(random: Random, most: number, make: (index: number) => T): T[] =>
  Array.from({ length: random.below(most + 1) }, (_, i) => make(i));

/** Readings within range, so that a gateway keeps them. */
export function frameOf(random: Random): Frame {
  const first = random.below(VITALS.length);
  const columns = some(random, 4, (i) => {
    const vital = VITALS[(first + i) % VITALS.length]!;
    const rows = 1 + random.below(random.chance(10) ? 70 : 8);
    const readings = Array.from({ length: rows }, () =>
      random.chance(4)
        ? null
        : Math.round(((vital.min + vital.max) / 2) * vital.scale) / vital.scale,
    );
    return numericColumn(vital, random.below(100_000), readings, random.pick([0, 4, 255]));
  });
  return {
    deviceTimeUs: random.below(2 ** 31) * 8,
    ...(random.chance(2) ? {} : { bootTimeMs: 1_700_000_000_000 + random.below(1_000_000) }),
    columns,
    segments: some(random, 2, () => ({
      waveform: random.pick(WAVEFORMS),
      lead: random.pick(LEADS),
      unit: random.pick(WAVEFORM_UNITS),
      ...{
        leadOff: random.chance(2),
        saturated: random.chance(2),
        quality: random.pick([0, 3, 255]),
      },
      startUs: random.below(2 ** 31),
      rateMilliHz: random.pick([1, 250_000, 100_000_000]),
      gain: random.pick([200, -1247.3, 1e-9]),
      baseline: random.below(4096) - 2048,
      samples: Int16Array.from(
        { length: 1 + random.below(40) },
        () => random.below(65_536) - 32_768,
      ),
    })),
    ...(random.chance(2)
      ? {}
      : {
          status: {
            batteryPercent: random.chance(2) ? null : random.below(101),
            linkDbm: random.chance(2) ? null : random.below(255) - 127,
            bufferedFrames: random.u32(),
            resetCause: random.pick(RESET_CAUSES),
            firmware: 'f'.repeat(random.below(20)),
          },
        }),
    events: some(random, 2, () => ({ name: 'nurse-call' as const, atUs: random.below(2 ** 31) })),
  };
}
