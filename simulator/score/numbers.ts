/**
 * The numbers of a recording, second by second, as text: what a node sends of it and the ward's page
 * shows, each by the detector that is scored, and what the ECG tells of the rhythm.
 *
 *   second,vital,value,bars,reason        value in the vital sign's unit; none, and why, where not trusted
 *   second,rhythm,value,bars,reason       the same, as an index of RHYTHMS
 *   second,flags,flags,,                  in words: asystole, vt, vf … with blanks between, where there are some
 */
import { numbersOf } from '../player/derive.ts';
import type { Spo2Curve } from '@vitalshare/edge/signals';
import { readRecording, type TableOptions } from '../player/read-recording.ts';
import type { ReadFile } from '../player/user-file.ts';

const secondOf = (atUs: number): number => Math.round(atUs / 1e6);

/**
 * CSV, or one JSON object {"recording", "numbers": {vital: [{"second", "value", "bars", "reason"?}]},
 * "rhythm": [{"second", "flags", "hrv"}], "spo2Curve"?}; hrv in ms, null where the last five minutes do not hold it.
 */
export function numbersText(
  path: string,
  readFile: ReadFile,
  options: TableOptions & { readonly curve: Spo2Curve },
  json: boolean,
): string {
  const { recording } = readRecording(path, readFile, options);
  const { curve } = options;
  const { estimates, rhythm } = numbersOf(recording, curve);
  const rows = [...estimates].map(([vital, own]) => ({
    vital,
    rows: own.map(({ atUs, ...rest }) => ({ second: secondOf(atUs), ...rest })),
  }));
  if (json) {
    const numbers = Object.fromEntries(rows.map(({ vital, rows: own }) => [vital, own]));
    const told = rhythm.map(({ atUs, ...rest }) => ({ second: secondOf(atUs), ...rest }));
    const spo2Curve = estimates.has('spo2') ? curve.name : undefined;
    return `${JSON.stringify({ recording: recording.name, numbers, rhythm: told, spo2Curve })}\n`;
  }
  const lines = rows.flatMap(({ vital, rows: own }) =>
    own.map((row) => {
      const reason = row.value === null ? row.reason : '';
      return `${row.second},${vital},${row.value ?? ''},${row.bars},${reason}`;
    }),
  );
  const flagged = rhythm.flatMap(({ atUs, flags }) =>
    flags.length === 0 ? [] : [`${secondOf(atUs)},flags,${flags.join(' ')},,`],
  );
  return ['second,vital,value,bars,reason', ...lines, ...flagged, ''].join('\n');
}
