/**
 * Beats of a WFDB record against its `.atr`: the first ECG signal of the record, alone, through the
 * same stream and detector that run at the bedside. The headline counts the whole record;
 * `afterLearning` leaves out the first five minutes, as EC57 allows.
 */
import { basename } from 'node:path';
import {
  parseWfdbHeader,
  readAnnotations,
  readWfdb,
  type RecordedWaveform,
} from '@vitalshare/edge/formats';
import { QRS_DETECTORS, SegmentStream, type SignalSegment } from '@vitalshare/edge/signals';
import { UserError } from '@vitalshare/edge/command/node';
import { besideHeader } from '../player/user-file.ts';
import { LEARNING_S, MATCH_MS, scoreBeats, type BeatScore } from './ec57.ts';
import { orNull, percent, plain, type Files, type Row, type Scorer } from './scorer.ts';

export const beatScorer: Scorer = {
  what: 'beats of a WFDB record against its annotations (.atr), EC57, whole record',
  detectors: Object.keys(QRS_DETECTORS),
  recordOf: (path, files) => {
    const record = path.replace(/\.(hea|dat|atr)$/, '');
    return files.exists(`${record}.hea`) && files.exists(`${record}.atr`) ? record : null;
  },
  score: scoreRecord,
  head: ['record', 'lead', 'beats', 'detected', 'tp', 'fp', 'fn', 'sensitivity', 'ppv'],
  cells: (row) => [
    row.record,
    ...['lead', 'beats', 'detected', 'tp', 'fp', 'fn'].map((key) => plain(row[key])),
    percent(row['sensitivity']),
    percent(row['ppv']),
  ],
  total: (rows) => {
    const sum = (key: string): number =>
      rows.reduce((total, row) => total + ((row[key] as number | undefined) ?? 0), 0);
    const [beats, detected, tp, fp, fn] = ['beats', 'detected', 'tp', 'fp', 'fn'].map(sum);
    const fractions = { sensitivity: orNull(tp! / beats!), ppv: orNull(tp! / detected!) };
    return { record: 'all', beats, detected, tp, fp, fn, ...fractions };
  },
};

function scoreRecord(record: string, files: Files, detector: string): Row {
  const name = basename(record);
  const { waveform, sampleRateHz } = firstEcg(record, files);
  const annotations = readAnnotations(files.read(`${record}.atr`), `${name}.atr`);
  const { gain, baseline, samples } = waveform;
  const segment = { rateMilliHz: waveform.sampleRateMilliHz, gain, baseline, samples };
  const found = beatsOf(segment, detector);
  const score = (from: number): BeatScore => scoreBeats(annotations, found, sampleRateHz, from);
  const { beats, detected, tp, fp, fn, ...whole } = score(0);
  const later = score(LEARNING_S * sampleRateHz);
  return {
    record: name,
    ...{ beats, detected, tp, fp, fn },
    sensitivity: orNull(whole.sensitivity),
    ppv: orNull(whole.ppv),
    detector,
    lead: waveform.lead === '' ? 'ECG' : waveform.lead,
    windowMs: MATCH_MS,
    afterLearning: {
      ...later,
      sensitivity: orNull(later.sensitivity),
      ppv: orNull(later.ppv),
    },
  };
}

function firstEcg(
  record: string,
  files: Files,
): { waveform: RecordedWaveform; sampleRateHz: number } {
  const header = parseWfdbHeader(new TextDecoder().decode(files.read(`${record}.hea`)));
  const recording = readWfdb(header, besideHeader(record, files.read));
  const waveform = recording.waveforms.find(({ channel }) => channel === 'ecg');
  if (waveform === undefined) throw new UserError(`${record}.hea has no ECG signal.`);
  return { waveform, sampleRateHz: waveform.sampleRateMilliHz / 1000 };
}

/** Sample numbers of the beats a detector finds, rising. */
export function beatsOf(samples: Omit<SignalSegment, 'startUs'>, detector: string): number[] {
  const beats: number[] = [];
  const make = QRS_DETECTORS[detector];
  if (make === undefined) throw new RangeError(`expected a detector, got ${detector}`);
  const stream = new SegmentStream(
    make(({ atUs }) => beats.push(Math.round((atUs * samples.rateMilliHz) / 1e9))),
  );
  stream.push({ startUs: 0, ...samples });
  stream.close();
  return beats;
}
