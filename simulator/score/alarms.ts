/**
 * A record of the PhysioNet/CinC Challenge 2015: a bedside alarm at its end, judged true or false by
 * experts (Clifford et al., CinC 2015). What do our rhythm flags say of it, lead by lead?
 *
 *   # Ventricular_Tachycardia      the alarm, a comment of the header
 *   # False alarm                  the experts
 */
import { basename } from 'node:path';
import { parseWfdbHeader, readWfdb, type WfdbHeader } from '@vitalshare/edge/formats';
import { EcgMonitor, type RhythmFlag } from '@vitalshare/edge/signals';
import { play } from './estimates.ts';
import { besideHeader } from '../player/user-file.ts';
import { plain, type Files, type Row, type Scorer } from './scorer.ts';

const FLAG_OF_ALARM: Readonly<Record<string, RhythmFlag>> = {
  Asystole: 'asystole',
  Bradycardia: 'bradycardia',
  Tachycardia: 'tachycardia',
  Ventricular_Flutter_Fib: 'vf',
  Ventricular_Tachycardia: 'vt',
};

export const alarmScorer: Scorer = {
  what: 'a bedside alarm that experts judged, and the seconds our flag of that name stood (Challenge 2015)',
  detectors: ['rhythm'],
  recordOf: (path, files) => {
    const record = path.replace(/\.(hea|dat)$/, '');
    if (!files.exists(`${record}.hea`) || files.exists(`${record}.atr`)) return null;
    return judgedAlarm(headerOf(record, files)) === undefined ? null : record;
  },
  score: scoreAlarm,
  head: ['record', 'alarm', 'experts', 'lead', 'flagged s', 'in all s'],
  cells: (row) => [
    row.record,
    ...['alarm', 'experts', 'leads', 'flaggedSeconds', 'seconds'].map((key) => plain(row[key])),
  ],
};

function headerOf(record: string, files: Files): WfdbHeader {
  return parseWfdbHeader(new TextDecoder().decode(files.read(`${record}.hea`)));
}

/** The alarm that experts judged, by its name there; undefined where there is none. */
export function judgedAlarm({
  comments,
}: WfdbHeader): { alarm: string; isTrue: boolean } | undefined {
  const alarm = comments.find((comment) => Object.hasOwn(FLAG_OF_ALARM, comment));
  const verdict = comments.find((comment) => /^(true|false) alarm$/i.test(comment));
  if (alarm === undefined || verdict === undefined) return undefined;
  return { alarm, isTrue: /^true/i.test(verdict) };
}

function scoreAlarm(record: string, files: Files): Row {
  const header = headerOf(record, files);
  const { alarm, isTrue } = judgedAlarm(header)!;
  const { waveforms } = readWfdb(header, besideHeader(record, files.read));
  const leads = waveforms.filter(({ channel }) => channel === 'ecg');
  let [seconds, flaggedSeconds] = [0, 0];
  for (const lead of leads) {
    const monitor = new EcgMonitor({
      onSecond: ({ flags }) => {
        seconds++;
        if (flags.includes(FLAG_OF_ALARM[alarm]!)) flaggedSeconds++;
      },
    });
    play(lead, monitor);
  }
  return {
    record: basename(record),
    ...{ alarm, experts: isTrue ? 'true' : 'false', flaggedSeconds, seconds },
    leads: leads.map(({ lead }) => lead).join(', '),
  };
}
