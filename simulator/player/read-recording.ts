/**
 * A recording from its files, whatever format it is in: by its name's ending, then by its content.
 *
 *   .hea   WFDB, with the signal files it names beside it
 *   .edf   EDF, EDF+C
 *   .csv   readings a second or samples, by its times; .csv.gz the same, packed
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import {
  FormatError,
  parseColumnMap,
  parseWfdbHeader,
  readCsv,
  readEdf,
  readWfdb,
  type Recording,
} from '@vitalshare/edge/formats';
import { besideHeader, unpacked, type ReadFile } from './user-file.ts';

export interface ReadRecording {
  readonly recording: Recording;
  /** SHA-256 of every file read, and of the options where there are any; hex. */
  readonly digest: string;
  /** By which curve its SpO₂ was made of light, where it was. */
  readonly spo2Curve?: string;
}

/** How a table is to be read; `columns` as typed. */
export interface TableOptions {
  readonly columns: string | undefined;
  readonly rateHz: number | undefined;
}

/** Throws UserError with the reason, also where nothing in the file can be played. */
export function readRecording(
  path: string,
  readFile: ReadFile,
  options: TableOptions = { columns: undefined, rateHz: undefined },
): ReadRecording {
  const hash = createHash('sha256');
  const { columns, rateHz } = options;
  const read: ReadFile = (file, folder) => {
    const bytes = readFile(file, folder);
    hash.update(bytes);
    return bytes;
  };
  if (columns !== undefined || rateHz !== undefined) {
    if (!/\.csv(\.gz)?$/i.test(path)) {
      throw new UserError(`--columns and --rate are for tables (.csv); ${path} is none.`, 2);
    }
    hash.update(JSON.stringify([columns, rateHz]));
  }
  try {
    const recording = recordingOf(path, read, options);
    if (recording.waveforms.length + recording.numerics.length > 0) {
      return { recording, digest: hash.digest('hex') };
    }
    const reasons = recording.ignored.map(({ name, reason }) => `${name}: ${reason}`);
    throw new UserError(`${path}: nothing in it can be played. ${reasons.join('; ')}.`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // Why a file that a header names cannot be had.
    if (error.cause instanceof UserError) throw error.cause;
    throw new UserError(`${error.message}.`, error.code === 'bad-map' ? 2 : 1);
  }
}

function recordingOf(path: string, read: ReadFile, options: TableOptions): Recording {
  const name = basename(path);
  if (/\.hea$/i.test(path)) {
    const header = parseWfdbHeader(new TextDecoder().decode(read(path)));
    return readWfdb(header, besideHeader(path, read));
  }
  if (/\.csv(\.gz)?$/i.test(path)) {
    const { columns, rateHz } = options;
    const map = columns === undefined ? undefined : parseColumnMap(columns);
    const bytes = read(path);
    return readCsv(name, /\.gz$/i.test(path) ? unpacked(path, bytes) : bytes, { map, rateHz });
  }
  // EDF's version is a 0 and seven spaces; such files are also called .rec.
  const bytes = read(path);
  if (/\.edf$/i.test(path) || new TextDecoder().decode(bytes.subarray(0, 8)) === '0       ') {
    return readEdf(name, bytes);
  }
  throw new UserError(`${path}: expected a WFDB header (.hea), EDF (.edf) or a table (.csv).`);
}
