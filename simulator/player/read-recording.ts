/**
 * A recording from its files, whatever format it is in: by its name's ending, then by its content.
 *
 *   .hea   WFDB, with the signal files it names beside it
 *   .edf   EDF, EDF+C
 *   .csv   readings a second or samples, by its times; .csv.gz the same, packed
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
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
import { RECORDING_BYTES_MAX } from '../limits.ts';

export interface ReadRecording {
  readonly recording: Recording;
  /** SHA-256 of every file read, and of the options where there are any; hex. */
  readonly digest: string;
}

/** How a table is to be read; `columns` as typed. */
export interface TableOptions {
  readonly columns: string | undefined;
  readonly rateHz: number | undefined;
}

type ReadFile = (path: string) => Uint8Array;

/** Throws UserError with the reason, also where nothing in the file can be played. */
export function readRecording(
  path: string,
  readFile: ReadFile,
  options: TableOptions = { columns: undefined, rateHz: undefined },
): ReadRecording {
  const hash = createHash('sha256');
  const { columns, rateHz } = options;
  const read = (file: string): Uint8Array => {
    const bytes = readFile(file);
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
    throw new UserError(`${error.message}.`, error.code === 'bad-map' ? 2 : 1);
  }
}

function recordingOf(path: string, read: ReadFile, options: TableOptions): Recording {
  const name = basename(path);
  if (/\.hea$/i.test(path)) {
    const header = parseWfdbHeader(new TextDecoder().decode(read(path)));
    return readWfdb(header, (file) => read(join(dirname(path), file)));
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

function unpacked(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: RECORDING_BYTES_MAX }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `is larger than ${RECORDING_BYTES_MAX / 2 ** 20} MiB unpacked`
        : 'is not a whole gzip file';
    throw new UserError(`${path} ${why}.`);
  }
}
