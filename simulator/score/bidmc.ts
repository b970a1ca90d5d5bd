/**
 * A BIDMC patient: rates from the waveforms against the monitor's numbers and two people's breaths.
 *
 *   heart rate        lead II (or the first ECG)   ─► HR of `_Numerics.csv`, mean of the 16 s before
 *   pulse rate        PLETH                        ─► PULSE, likewise
 *   respiratory rate  RESP, PLETH, ECG             ─► breaths of `_Breaths.csv` in the very window the
 *                                                     estimate is of (32 s, 48 s), first to last; the
 *                                                     mean of both annotators
 *   the monitor's     RESP of `_Numerics.csv`      ─► the same breaths, for comparison
 *
 * Where there are no `_Signals.csv` the monitor's row is all there is.
 */
import { basename } from 'node:path';
import {
  BIDMC_RATE_HZ,
  readBreathsCsv,
  readNumericsCsv,
  readSignalsCsv,
  type Recording,
} from '@vitalshare/edge/formats';
import { BEAT_BREATH_WINDOW_S, BREATH_WINDOW_S, type Estimate } from '@vitalshare/edge/signals';
import { unpacked } from '../player/user-file.ts';
import { HEART_RATES, ecgRates, plethRates, respRates } from './estimates.ts';
import { SCORED_EVERY_S, eventRate, mean, scoreRate, type RateScore } from './rates.ts';
import { percent, type Files, type Row, type Scorer } from './scorer.ts';

const ENDINGS = /_(Signals|Numerics|Breaths)\.csv(\.gz)?$/;

export const bidmcScorer: Scorer = {
  what: 'rates of a BIDMC patient against the monitor and two annotators, /min (mean absolute error, accepted)',
  detectors: HEART_RATES,
  recordOf: (path, files) => {
    const record = path.replace(ENDINGS, '');
    const has = (kind: string): boolean => fileOf(record, kind, files) !== null;
    return has('Numerics') && has('Breaths') ? record : null;
  },
  score: scorePatient,
  head: ['record', 'heart', 'pulse', 'within 5', 'resp', 'resp pleth', 'resp ECG', 'resp monitor'],
  cells: (row) => {
    const of = (key: string): RateScore | null => (row[key] as RateScore | undefined) ?? null;
    const pulse = of('pulseRate');
    return [
      row.record,
      cell(of('heartRate')),
      cell(pulse),
      percent(pulse?.within5Share),
      cell(of('respiratoryRateImpedance')),
      cell(of('respiratoryRatePleth')),
      cell(of('respiratoryRateEcg')),
      cell(of('respiratoryRateMonitor')),
    ];
  },
};

const cell = (score: RateScore | null): string =>
  score === null || score.meanAbsoluteError === null
    ? '–'
    : `${score.meanAbsoluteError.toFixed(2)} (${Math.round(100 * (score.acceptedShare ?? 0))} %)`;

/** A table may lie there as it is or packed by gzip. */
function fileOf(record: string, kind: string, files: Files): string | null {
  const plain = `${record}_${kind}.csv`;
  return [plain, `${plain}.gz`].find((path) => files.exists(path)) ?? null;
}

function scorePatient(record: string, files: Files, detector: string): Row {
  const table = (kind: string): Uint8Array | null => {
    const path = fileOf(record, kind, files);
    if (path === null) return null;
    const bytes = files.read(path);
    return path.endsWith('.gz') ? unpacked(path, bytes) : bytes;
  };
  const name = basename(record);
  const numerics = readNumericsCsv(`${name}_Numerics.csv`, table('Numerics')!);
  const breathsS = readBreathsCsv(`${name}_Breaths.csv`, table('Breaths')!).map((samples) =>
    Array.from(samples, (sample) => sample / BIDMC_RATE_HZ),
  );
  const annotated = (endS: number, windowS: number): number =>
    mean(breathsS.map((timesS) => eventRate(timesS, endS, windowS)));
  const shown = (vital: string) => secondsOf(numerics, vital);
  const endS = Math.max(0, ...numerics.numerics.map((one) => one.secondsFromStart.at(-1) ?? 0));
  const monitor = [...shown('respiratory-rate')].map(([atS, value]): Estimate => ({
    atUs: atS * 1e6,
    value,
    bars: 4,
  }));
  const byBreaths = (estimates: readonly Estimate[] | null, windowS: number) =>
    estimates === null
      ? null
      : scoreRate(estimates, (atS) => annotated(atS, windowS), endS, windowS);
  const byMonitor = (estimates: readonly Estimate[] | null, vital: string) => {
    const reference = shown(vital);
    return estimates === null
      ? null
      : scoreRate(estimates, (atS) => meanBefore(reference, atS), endS);
  };

  const signals = table('Signals');
  const waves = signals === null ? null : readSignalsCsv(`${name}_Signals.csv`, signals);
  const find = (channel: string, lead?: string) =>
    waves?.waveforms.find((one) => one.channel === channel && (!lead || one.lead === lead));
  const [ecg, pleth, resp] = [find('ecg', 'II') ?? find('ecg'), find('pleth'), find('resp')];
  const fromEcg = ecg === undefined ? null : ecgRates(ecg, detector);
  const fromPleth = pleth === undefined ? null : plethRates(pleth);
  const fromResp = resp === undefined ? null : respRates(resp);
  return {
    record: name,
    detector,
    windowS: SCORED_EVERY_S,
    heartRate: byMonitor(fromEcg?.rate ?? null, 'heart-rate'),
    pulseRate: byMonitor(fromPleth?.rate ?? null, 'pulse-rate'),
    respiratoryRateImpedance: byBreaths(fromResp, BREATH_WINDOW_S),
    respiratoryRatePleth: byBreaths(fromPleth?.respiratoryRate ?? null, BEAT_BREATH_WINDOW_S),
    respiratoryRateEcg: byBreaths(fromEcg?.respiratoryRate ?? null, BEAT_BREATH_WINDOW_S),
    respiratoryRateMonitor: byBreaths(monitor, BREATH_WINDOW_S),
  };
}

function secondsOf(recording: Recording, name: string): Map<number, number> {
  const numeric = recording.numerics.find(({ vital }) => vital.name === name);
  const seconds = new Map<number, number>();
  numeric?.values.forEach((value, i) =>
    seconds.set(Math.round(numeric.secondsFromStart[i]!), value),
  );
  return seconds;
}

/** Of the seconds in (endS − 16, endS] that have a number; NaN where none has. */
function meanBefore(seconds: ReadonlyMap<number, number>, endS: number): number {
  const values: number[] = [];
  for (let atS = endS - SCORED_EVERY_S + 1; atS <= endS; atS++) {
    const value = seconds.get(atS);
    if (value !== undefined) values.push(value);
  }
  return mean(values);
}
