/**
 * The numbers of a recording, second by second, as text: what a node sends of it and the ward's page
 * shows, each by the detector that is scored.
 *
 *   second,vital,value,bars,reason        value in the vital sign's unit; none, and why, where not trusted
 */
import { numbersOf } from '../player/derive.ts';
import { readRecording } from '../player/read-recording.ts';

/**
 * CSV, or one JSON object {"recording", "numbers": {vital: [{"second", "value", "bars",
 * "reason"?}]}}.
 */
export function numbersText(
  path: string,
  readFile: (path: string) => Uint8Array,
  json: boolean,
): string {
  const { recording } = readRecording(path, readFile);
  const rows = [...numbersOf(recording)].map(([vital, estimates]) => ({
    vital,
    rows: estimates.map(({ atUs, ...rest }) => ({ second: Math.round(atUs / 1e6), ...rest })),
  }));
  if (json) {
    const numbers = Object.fromEntries(rows.map(({ vital, rows: own }) => [vital, own]));
    return `${JSON.stringify({ recording: recording.name, numbers })}\n`;
  }
  const lines = rows.flatMap(({ vital, rows: own }) =>
    own.map((row) => {
      const reason = row.value === null ? row.reason : '';
      return `${row.second},${vital},${row.value ?? ''},${row.bars},${reason}`;
    }),
  );
  return ['second,vital,value,bars,reason', ...lines, ''].join('\n');
}
