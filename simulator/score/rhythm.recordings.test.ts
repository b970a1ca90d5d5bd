/** What the flags, numbers and bars of an ECG lead are on recordings of people. */
import { existsSync, readFileSync } from 'node:fs';
import { parseWfdbHeader, readWfdb, type RecordedWaveform } from '@vitalshare/edge/formats';
import { EcgMonitor, SegmentStream, type EcgReport } from '@vitalshare/edge/signals';
import { describe, expect, it } from 'vitest';

const dataUrl = (name: string): URL => new URL(`../../../shared/data/${name}`, import.meta.url);

function leadsOf(folder: string, record: string): RecordedWaveform[] {
  const header = parseWfdbHeader(readFileSync(dataUrl(`${folder}/${record}.hea`), 'utf8'));
  const file = (name: string) => new Uint8Array(readFileSync(dataUrl(`${folder}/${name}`)));
  return readWfdb(header, file).waveforms.filter(({ channel }) => channel === 'ecg');
}

function reportsOf({ sampleRateMilliHz: rateMilliHz, gain, baseline, samples }: RecordedWaveform) {
  const reports: EcgReport[] = [];
  const stream = new SegmentStream(new EcgMonitor({ onSecond: (report) => reports.push(report) }));
  stream.push({ startUs: 0, rateMilliHz, gain, baseline, samples });
  stream.close();
  return reports;
}

const flagsOf = (reports: readonly EcgReport[]): string[] => [
  ...new Set(reports.flatMap(({ flags }) => flags)),
];
const shareWith = (reports: readonly EcgReport[], test: (report: EcgReport) => boolean): number =>
  reports.filter(test).length / reports.length;

describe.skipIf(!existsSync(dataUrl('ecg-mitbih')))(
  'MIT-BIH (skips without ../shared/data/ecg-mitbih)',
  () => {
    it.each(['100', '105', '119'])(
      'record %s raises no flag: none of them is annotated',
      (name) => {
        const reports = reportsOf(leadsOf('ecg-mitbih', name)[0]!);
        expect(reports).toHaveLength(1805);
        expect(flagsOf(reports)).toEqual([]);
      },
    );

    it('the clean record has four bars throughout, the noisy one loses some and gives no number then', () => {
      const [clean, noisy] = ['100', '105'].map((name) =>
        reportsOf(leadsOf('ecg-mitbih', name)[0]!),
      );
      expect(shareWith(clean!, ({ bars }) => bars === 4)).toBeGreaterThan(0.99);
      expect(shareWith(noisy!, ({ bars }) => bars === 4)).toBeGreaterThan(0.8);
      const untrusted = noisy!.filter(({ bars }) => bars < 2);
      expect(untrusted.length).toBeGreaterThan(5);
      expect(untrusted.every(({ heartRate }) => heartRate.value === null)).toBe(true);
    });

    it('heart rate variability is there in sinus rhythm, and absent in trigeminy', () => {
      const [sinus, trigeminy] = ['100', '119'].map((name) =>
        reportsOf(leadsOf('ecg-mitbih', name)[0]!),
      );
      const { sdnnMs, rmssdMs } = sinus!.at(-1)!.hrv!;
      expect(sdnnMs).toBeGreaterThan(20);
      expect(sdnnMs).toBeLessThan(80);
      expect(rmssdMs).toBeLessThan(80);
      expect(trigeminy!.every(({ hrv }) => hrv === null)).toBe(true);
    });
  },
);

describe.skipIf(!existsSync(dataUrl('alarm-challenge2015')))(
  'Challenge 2015 (skips without ../shared/data/alarm-challenge2015)',
  () => {
    it('v102s, whose alarm of ventricular tachycardia was false, raises none on either lead', () => {
      for (const lead of leadsOf('alarm-challenge2015', 'v102s')) {
        expect(flagsOf(reportsOf(lead)), lead.lead).toEqual([]);
      }
    });
  },
);
