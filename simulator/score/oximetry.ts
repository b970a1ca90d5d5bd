/**
 * A subject of the smartphone hypoxia study (Hoffman et al., NPJ Digit Med 5:146, 2022): pulse from the
 * camera's colours against the study's oximeters.
 *
 *   ppg-csv/Left/100006.csv.gz   R,G,B           mean of each frame, 30 Hz
 *   gt/100006.csv                Time,SpO2 1 … Pulse 5, …        1 Hz, from the same moment on
 *
 * Each colour has a detector of its own; the number is that with the most bars, of equals green before
 * red before blue (haemoglobin absorbs green most). The reference is the median of the oximeters that
 * show something, its mean over the 16 s before. Camera colours are no red and infrared: no curve gives
 * SpO₂ from them. What is reported is the correlation of the ratio of ratios red/green with the
 * reference SpO₂, over 10 s windows.
 */
import { basename } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import {
  PulseDetector,
  correlation,
  median,
  ratioOfRatios,
  type Estimate,
} from '@vitalshare/edge/signals';
import { unpacked } from '../player/user-file.ts';
import { SCORED_EVERY_S, mean, scoreRate, type RateScore } from './rates.ts';
import { orNull, percent, plain, type Files, type Row, type Scorer } from './scorer.ts';

const FRAME_RATE_HZ = 30;
const RATIO_WINDOW_S = 10;
const COLOURS = ['green', 'red', 'blue'] as const;
const COLUMN = { red: 0, green: 1, blue: 2 } as const;
const OXIMETERS = [1, 2, 4, 5] as const;

export const oximetryScorer: Scorer = {
  what: 'pulse from a camera on a fingertip against four oximeters (smartphone hypoxia study)',
  detectors: ['pulse'],
  recordOf: (path, files) => {
    const match = /^(.*?)(?:ppg-csv\/(Left|Right)|gt)\/(\d+)\.csv(?:\.gz)?$/.exec(path);
    if (match === null) return null;
    const [, root = '', hand = 'Left', subject = ''] = match;
    const record = `${root}ppg-csv/${hand}/${subject}.csv.gz`;
    return files.exists(record) && files.exists(referenceOf(record)) ? record : null;
  },
  score: scoreSubject,
  head: ['record', 'windows', 'accepted', 'within 5', 'error /min', 'r(ratio, SpO₂)'],
  cells: (row) => {
    const pulse = row['pulseRate'] as RateScore;
    const r = row['ratioCorrelation'] as number | null;
    return [
      row.record,
      plain(pulse.windows),
      percent(pulse.acceptedShare),
      percent(pulse.within5Share),
      plain(pulse.meanAbsoluteError?.toFixed(2)),
      plain(r?.toFixed(2)),
    ];
  },
};

const referenceOf = (record: string): string =>
  record.replace(/ppg-csv\/(?:Left|Right)\/(\d+)\.csv\.gz$/, 'gt/$1.csv');

function scoreSubject(record: string, files: Files, detector: string): Row {
  const frames = tableOf(unpacked(record, files.read(record)), record);
  const reference = tableOf(files.read(referenceOf(record)), referenceOf(record));
  const column = (name: string): number => reference.head.indexOf(name);
  const seconds = (name: string): number[] =>
    reference.rows.map((row) =>
      median(OXIMETERS.map((k) => Number(row[column(`${name} ${k}`)])).filter((v) => v > 0)),
    );
  const [pulses, saturations] = [seconds('Pulse'), seconds('SpO2')];
  const colours = COLOURS.map((colour) =>
    frames.rows.map((row) => Number(row[COLUMN[colour]] || NaN)),
  );
  const endS = Math.min(pulses.length, Math.floor(frames.rows.length / FRAME_RATE_HZ));
  const before = (values: readonly number[], atS: number, windowS: number): number =>
    mean(values.slice(Math.max(0, atS - windowS), atS).filter((value) => !Number.isNaN(value)));

  const [green, red] = [colours[0]!, colours[1]!];
  const pairs: [ratio: number, spo2: number][] = [];
  for (let atS = RATIO_WINDOW_S; atS <= endS; atS += RATIO_WINDOW_S) {
    const part = [(atS - RATIO_WINDOW_S) * FRAME_RATE_HZ, atS * FRAME_RATE_HZ] as const;
    const ratio = ratioOfRatios(red.slice(...part), green.slice(...part), FRAME_RATE_HZ);
    const spo2 = before(saturations, atS, RATIO_WINDOW_S);
    if (!Number.isNaN(ratio) && !Number.isNaN(spo2)) pairs.push([ratio, spo2]);
  }
  const r = correlation(
    pairs.map(([ratio]) => ratio),
    pairs.map(([, spo2]) => spo2),
  );
  return {
    record: basename(record, '.csv.gz'),
    detector,
    windowS: SCORED_EVERY_S,
    pulseRate: scoreRate(
      best(colours.map(pulseOf)),
      (atS) => before(pulses, atS, SCORED_EVERY_S),
      endS,
    ),
    ratioCorrelation: orNull(r),
  };
}

function pulseOf(colour: readonly number[]): Estimate[] {
  const estimates: Estimate[] = [];
  const detector = new PulseDetector((estimate) => estimates.push(estimate), { coupling: 'dc' });
  detector.begin(0, FRAME_RATE_HZ);
  for (const value of colour) {
    if (Number.isFinite(value)) detector.sample(value);
    else detector.missing('no-data');
  }
  detector.end();
  return estimates;
}

/** Of each second the estimate with a number and the most bars; the first of equals. */
function best(channels: readonly (readonly Estimate[])[]): Estimate[] {
  const worth = ({ value, bars }: Estimate): number => (value === null ? -1 : bars);
  return channels[0]!.map((first, second) =>
    channels.reduce((chosen, channel) => {
      const other = channel[second];
      return other !== undefined && worth(other) > worth(chosen) ? other : chosen;
    }, first),
  );
}

/** Rows as they stand, cells by comma; the reference ends with a remark that is no row. */
function tableOf(bytes: Uint8Array, path: string): { head: string[]; rows: string[][] } {
  const lines = new TextDecoder().decode(bytes).trim().split(/\r?\n/);
  const [head, ...rows] = lines.map((line) => line.split(','));
  if (head === undefined || rows.length === 0) throw new UserError(`${path}: there are no rows.`);
  return { head, rows: rows.filter((row) => row.length > 1 && row[1] !== '') };
}
