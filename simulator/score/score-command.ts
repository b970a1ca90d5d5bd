/** `vitalshare score`: what a detector makes of a recording, against what people annotated. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  UserError,
  printable,
  textOption,
  type Call,
  type Command,
} from '@vitalshare/edge/command/node';
import { FormatError } from '@vitalshare/edge/formats';
import { FOLDERS_DEEP_MAX, SCORED_RECORDS_MAX } from '../limits.ts';
import { curveOption } from '../player/curve-option.ts';
import { tableOptions } from '../player/table-options.ts';
import { readUserFile } from '../player/user-file.ts';
import { numbersText } from './numbers.ts';
import type { Files, Row, Scorer } from './scorer.ts';
import { SCORERS } from './scorers.ts';

const HELP = `
usage: vitalshare score <record> [--detector name] [--json]
       vitalshare score --all <folder> [--detector name] [--json]
       vitalshare score <recording> --numbers [--json]

Runs a detector over a recording, sample by sample as at the bedside, and compares what it finds with
what people annotated. A record is named by its path, with or without its ending.

  --all <folder>     every record with annotations in the folder and those below, as tables
  --detector <name>  another detector than the first of its kind
  --numbers          no score: the numbers themselves, second by second, of any recording that
                     \`vitalshare replay\` plays, as the ward's page shows them, and rhythm flags;
                     --columns, --rate and --curve as there
  --json             one JSON object

${SCORERS.map(({ what, detectors }) => `  ${what}\n      detectors: ${detectors.join(', ')}`).join('\n')}

  vitalshare score mitdb/100 --json
  vitalshare score --all mitdb --detector two-averages
`;

interface Scored {
  readonly scorer: Scorer;
  readonly rows: readonly Row[];
}

export const command: Command = {
  help: HELP,
  options: {
    all: { type: 'string' },
    numbers: { type: 'boolean' },
    columns: { type: 'string' },
    rate: { type: 'string' },
    curve: { type: 'string' },
    detector: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionalsMax: 1,
  run: (call) => {
    const json = call.values['json'] === true;
    const folder = textOption(call, 'all', '');
    if (call.values['numbers'] === true) {
      const path = recordingAt(pathOf(call));
      write(
        numbersText(path, readUserFile, { ...tableOptions(call), curve: curveOption(call) }, json),
      );
      return Promise.resolve(0);
    }
    const scored = folder === '' ? [scoreOne(call)] : scoreFolder(folder, call);
    if (folder !== '') write(json ? allAsJson(scored) : scored.map(table).join('\n'));
    else write(json ? `${JSON.stringify(scored[0]!.rows[0])}\n` : table(scored[0]!));
    return Promise.resolve(0);
  },
};

const write = (text: string): void => void process.stdout.write(text);

function scoreOne(call: Call): Scored {
  const path = pathOf(call);
  for (const scorer of SCORERS) {
    const record = scorer.recordOf(path, files);
    if (record !== null)
      return { scorer, rows: [scoreOf(scorer, record, detectorOf(scorer, call))] };
  }
  throw new UserError(
    `${path}: there is no record of this name with annotations beside it; --numbers tells what the detectors make of any recording.`,
  );
}

function pathOf({ positionals: [path] }: Call): string {
  if (path !== undefined) return path;
  throw new UserError('name one record: vitalshare score <record>, or --all <folder>.', 2);
}

/** A record may be named without its ending here too. */
const recordingAt = (path: string): string =>
  !files.exists(path) && files.exists(`${path}.hea`) ? `${path}.hea` : path;

function scoreFolder(folder: string, call: Call): Scored[] {
  if (call.positionals.length > 0) throw new UserError('name a record or --all, not both.', 2);
  const paths = filesBelow(folder, FOLDERS_DEEP_MAX);
  const wanted = textOption(call, 'detector', '');
  if (wanted !== '' && !SCORERS.some(({ detectors }) => detectors.includes(wanted))) {
    throw unknownDetector(
      wanted,
      SCORERS.flatMap(({ detectors }) => detectors),
    );
  }
  const scored = SCORERS.flatMap((scorer) => {
    if (wanted !== '' && !scorer.detectors.includes(wanted)) return [];
    const records = new Set<string>();
    for (const path of paths) {
      const record = scorer.recordOf(path, files);
      if (record !== null) records.add(record);
    }
    if (records.size > SCORED_RECORDS_MAX) {
      throw new UserError(`${folder}: more than ${SCORED_RECORDS_MAX} records.`);
    }
    const detector = detectorOf(scorer, call);
    const rows = [...records].flatMap((record) => scoreOrSay(scorer, record, detector));
    return rows.length === 0 ? [] : [{ scorer, rows }];
  });
  if (scored.length === 0) throw new UserError(`${folder}: there is no record with annotations.`);
  return scored;
}

/** One record that cannot be scored must not take the table with it. */
function scoreOrSay(scorer: Scorer, record: string, detector: string): Row[] {
  try {
    return [scoreOf(scorer, record, detector)];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`left out: ${printable(error.message)}\n`);
    return [];
  }
}

function scoreOf(scorer: Scorer, record: string, detector: string): Row {
  try {
    return scorer.score(record, files, detector);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw error.cause instanceof UserError ? error.cause : new UserError(`${error.message}.`);
  }
}

function detectorOf({ detectors }: Scorer, call: Call): string {
  const wanted = textOption(call, 'detector', detectors[0]!);
  if (!detectors.includes(wanted)) throw unknownDetector(wanted, detectors);
  return wanted;
}

const unknownDetector = (wanted: string, detectors: readonly string[]): UserError =>
  new UserError(
    `there is no detector ${JSON.stringify(wanted)}; there are ${detectors.join(', ')}.`,
    2,
  );

/** Files of a folder and those below, in the order of their names. */
function filesBelow(folder: string, deeper: number): string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    throw new UserError(`${folder}: expected a folder that can be read.`);
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) return [path];
      return deeper > 0 ? filesBelow(path, deeper - 1) : [];
    });
}

const files: Files = { exists: (path) => existsSync(path), read: readUserFile };

/** {"tables": [{"what", "records": [...], "total": {...}}]} */
function allAsJson(scored: readonly Scored[]): string {
  const tables = scored.map(({ scorer, rows }) => ({
    what: scorer.what,
    records: rows,
    total: scorer.total?.(rows),
  }));
  return `${JSON.stringify({ tables })}\n`;
}

/** The first column stands left, the others right. */
function table({ scorer, rows }: Scored): string {
  const lines = [scorer.head, ...rows.map((row) => scorer.cells(row))];
  if (rows.length > 1 && scorer.total) lines.push(scorer.cells(scorer.total(rows)));
  const widths = scorer.head.map((_, i) =>
    Math.max(...lines.map((line) => (line[i] ?? '').length)),
  );
  const text = lines.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  '),
  );
  return `${scorer.what}\n${text.join('\n')}\n`;
}
