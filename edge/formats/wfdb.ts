/**
 * A WFDB record, from its header and its signal files to a Recording. Pure: bytes in, no disk.
 *
 * Checked before anything is handed out: file lengths against the number of samples, each signal's
 * initial value, and its checksum, the sum of its stored samples as a signed 16-bit number.
 * Consecutive signal lines that name one file share it, their samples alternating.
 */
import { WFDB_SAMPLES_MAX } from '../limits.ts';
import { MISSING_SAMPLE } from '../vital/vital.ts';
import { assembleRecording } from './assemble.ts';
import { FormatError } from './error.ts';
import type { Recording } from './recording.ts';
import type { WfdbHeader, WfdbSignal } from './wfdb-header.ts';
import { MISSING_STORED, bytesOfSamples, decodeSamples, samplesInBytes } from './wfdb-samples.ts';

/** The comment of a record whose zeros are readings: ours. */
export const ZEROS_ARE_READINGS = 'zeros are readings';

/** Where the bytes of a named file come from; undefined or a throw means it cannot be had. */
export type FileSource = (name: string) => Uint8Array | undefined;

interface Group {
  readonly file: string;
  readonly signals: readonly WfdbSignal[];
}

/** Throws FormatError, and nothing else, whatever the files hold. */
export function readWfdb(header: WfdbHeader, file: FileSource): Recording {
  const samples: Int16Array[] = [];
  let sampleCount = header.sampleCount;
  for (const group of groupByFile(header)) {
    const bytes = fetchBytes(group.file, file);
    const stored = decodeGroup(group, bytes, sampleCount);
    sampleCount ??= stored.length / group.signals.length;
    group.signals.forEach((signal, index) => {
      samples.push(takeSignal(signal, stored, index, group.signals.length));
    });
  }
  const signals = header.signals.map(({ description, unit, gain, baseline }, index) => ({
    ...{ description, unit, gain, baseline },
    rateHz: header.sampleRateHz,
    samples: samples[index]!,
  }));
  return assembleRecording(
    header.name,
    header.startTime,
    signals,
    header.comments.includes(ZEROS_ARE_READINGS),
  );
}

function groupByFile(header: WfdbHeader): Group[] {
  const groups: { file: string; signals: WfdbSignal[] }[] = [];
  for (const signal of header.signals) {
    const last = groups.at(-1);
    if (last?.file === signal.file) {
      const { format, byteOffset } = last.signals[0]!;
      if (signal.format !== format || signal.byteOffset !== byteOffset) {
        throw new FormatError(
          'bad-header',
          `${header.name}.hea`,
          `expected one format and offset for all signals of ${signal.file}, got several`,
        );
      }
      last.signals.push(signal);
    } else if (groups.some((group) => group.file === signal.file)) {
      throw new FormatError(
        'bad-header',
        `${header.name}.hea`,
        `expected the signals of ${signal.file} on consecutive lines, got them apart`,
      );
    } else {
      groups.push({ file: signal.file, signals: [signal] });
    }
  }
  return groups;
}

function fetchBytes(name: string, file: FileSource): Uint8Array {
  let bytes: Uint8Array | undefined;
  try {
    bytes = file(name);
  } catch (cause) {
    throw new FormatError('unreadable', name, 'expected a signal file, could not read it', {
      cause,
    });
  }
  if (bytes === undefined) {
    throw new FormatError('unreadable', name, 'expected a signal file, got none');
  }
  if (bytes.length === 0) throw new FormatError('empty', name, 'expected samples, got no bytes');
  return bytes;
}

/** All samples of one file, alternating. Allocates only after the length has been found right. */
function decodeGroup(
  { file, signals }: Group,
  bytes: Uint8Array,
  sampleCount: number | undefined,
): Int16Array {
  const { format, byteOffset } = signals[0]!;
  const body = bytes.subarray(byteOffset);
  const count =
    sampleCount === undefined
      ? impliedCount(file, signals, body.length)
      : sampleCount * signals.length;
  const expected = bytesOfSamples(format, count);
  const detail = `expected ${expected} bytes of samples after ${byteOffset}, got ${body.length}`;
  if (body.length < expected) throw new FormatError('truncated', file, detail);
  // A writer of format 212 may fill up the last pair.
  const padding = format === 212 ? count % 2 : 0;
  if (body.length > expected + padding) throw new FormatError('too-long', file, detail);
  return decodeSamples(format, body, count);
}

function impliedCount(file: string, signals: readonly WfdbSignal[], byteLength: number): number {
  const count = samplesInBytes(signals[0]!.format, byteLength) ?? NaN;
  if (count === 0 || !Number.isInteger(count / signals.length)) {
    throw new FormatError(
      'truncated',
      file,
      `expected whole samples of ${signals.length} signals, got ${byteLength} bytes`,
    );
  }
  if (count / signals.length > WFDB_SAMPLES_MAX) {
    throw new FormatError(
      'too-large',
      file,
      `expected at most ${WFDB_SAMPLES_MAX} samples per signal, got ${count / signals.length}`,
    );
  }
  return count;
}

/** One signal out of its file: checked as stored, then with missing samples in our own spelling. */
function takeSignal(
  signal: WfdbSignal,
  stored: Int16Array,
  index: number,
  stride: number,
): Int16Array {
  const samples = new Int16Array(stored.length / stride);
  const missing = MISSING_STORED[signal.format];
  let sum = 0;
  for (let i = 0, at = index; i < samples.length; i++, at += stride) {
    const value = stored[at]!;
    sum = (sum + value) | 0;
    samples[i] = value === missing ? MISSING_SAMPLE : value;
  }
  const who = `signal ${index + 1}`;
  if (signal.initialValue !== undefined && stored[index] !== signal.initialValue) {
    throw new FormatError(
      'initial-value',
      signal.file,
      `${who}: expected the header's initial value as first sample, got another`,
    );
  }
  // Some writers print the 16 bits unsigned; the bits are what counts.
  if (signal.checksum !== undefined && ((sum - signal.checksum) & 0xffff) !== 0) {
    throw new FormatError(
      'checksum',
      signal.file,
      `${who}: expected checksum ${signal.checksum}, got ${(sum << 16) >> 16}`,
    );
  }
  return samples;
}
