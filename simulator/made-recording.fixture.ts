/**
 * A patient who never was, as a recording on disk: an ECG that turns into an arrhythmia, and light of a
 * saturation. For what no shared recording has: red beside infrared, and a flag that stands.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWfdb } from '@vitalshare/edge/formats';
import { BODY_WAVEFORMS, type BodyPlan, makeBody } from './bodies/bodies.ts';
import { lightOf } from './bodies/light.ts';

export interface Made {
  readonly seed: number;
  readonly seconds: number;
  readonly spo2Percent: number;
  readonly plan?: BodyPlan;
}

/** Writes `<name>.hea` and its signals into `folder`; returns the header's path. */
export function writeMade(folder: string, name: string, made: Made): string {
  const { seed, seconds, spo2Percent, plan } = made;
  const body = makeBody(seed, 1, plan);
  const slices = Array.from({ length: seconds }, () => body.next(1_000));
  const ecg = Int16Array.from(slices.flatMap((slice) => [...slice.ecg]));
  const slow = slices.flatMap((slice) => [...slice.pleth]);
  // A record has one rate: the pleth of 125 Hz between its samples.
  const { sampleRateMilliHz, gain } = BODY_WAVEFORMS.ecg;
  const pulse = Array.from(ecg, (_, i) => {
    const [before, after] = [slow[i >> 1]!, slow[Math.min((i + 1) >> 1, slow.length - 1)]!];
    return (before + after) / 2 / BODY_WAVEFORMS.pleth.gain;
  });
  const [red, infrared] = lightOf(pulse, sampleRateMilliHz, spo2Percent);
  const files = writeWfdb({
    ...{ name, rateMilliHz: sampleRateMilliHz, comments: [`simulated, seed ${seed}`] },
    signals: [
      { description: 'II', unit: 'mV', gain, baseline: 0, samples: ecg },
      { description: 'RED', unit: 'NU', gain: 1, baseline: 0, samples: red.samples },
      { description: 'INFRARED', unit: 'NU', gain: 1, baseline: 0, samples: infrared.samples },
    ],
  });
  const header = join(folder, `${name}.hea`);
  writeFileSync(header, files.header);
  writeFileSync(join(folder, `${name}.dat`), files.data);
  return header;
}
