/** The QRS detector on ten minutes of each lead of the shared records, made harder. */
import { existsSync, readFileSync } from 'node:fs';
import { parseWfdbHeader, readAnnotations, readWfdb } from '@vitalshare/edge/formats';
import { describe, expect, it } from 'vitest';
import { STRESSES, scoreStress, type Annotated } from './stress.ts';

const dataUrl = (name: string): URL =>
  new URL(`../../../shared/data/ecg-mitbih/${name}`, import.meta.url);
const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(dataUrl(name)));
const MINUTES = 10;

function leadsOf(record: string): Annotated[] {
  const header = parseWfdbHeader(new TextDecoder().decode(bytes(`${record}.hea`)));
  const count = MINUTES * 60 * 360;
  const annotations = readAnnotations(bytes(`${record}.atr`), record);
  return readWfdb(header, bytes).waveforms.map(({ samples, gain, baseline }) => ({
    rateHz: 360,
    values: Float64Array.from(samples.subarray(0, count), (sample) => (sample - baseline) / gain),
    annotations: annotations.filter(({ sample }) => sample < count),
  }));
}

/** Least sensitivity and PPV over both leads of records 100 and 119. */
const LEAST: readonly [stress: string, sensitivity: number, ppv: number][] = [
  ['none', 0.998, 0.999],
  ['inverted', 0.998, 0.999],
  ['a tenth as large', 0.998, 0.999],
  ['steps of 3 every minute', 0.99, 0.98],
  ['fading to 0.3 and back', 0.99, 0.99],
  ['wander', 0.99, 0.99],
  ['mains', 0.998, 0.998],
  ['muscle 12 dB', 0.998, 0.998],
  ['motion 18 dB', 0.99, 0.95],
  ['V beats three times as large', 0.998, 0.998],
  ['pauses of 5 s every 30 s', 0.99, 0.98],
  ['128 Hz', 0.99, 0.99],
  ['250 Hz', 0.99, 0.99],
  ['500 Hz', 0.99, 0.99],
  ['1000 Hz', 0.99, 0.99],
];

describe.skipIf(!existsSync(dataUrl('100.dat')))(
  'MIT-BIH made harder (skips without ../shared/data/ecg-mitbih)',
  () => {
    const leads = existsSync(dataUrl('100.dat')) ? ['100', '119'].flatMap(leadsOf) : [];

    it.each(LEAST)('%s: sensitivity ≥ %d, PPV ≥ %d', (stress, sensitivity, ppv) => {
      for (const lead of leads) {
        const score = scoreStress(STRESSES[stress]!(lead, 7), 'slope');
        expect(score.sensitivity).toBeGreaterThanOrEqual(sensitivity);
        expect(score.ppv).toBeGreaterThanOrEqual(ppv);
      }
    });
  },
);
