/**
 * An EDF or EDF+C file, checked, to a Recording; and the annotations of EDF+.
 *
 *   gain      digital range / physical range
 *   baseline  digital min − physical min · gain, rounded where it is no whole number, and noted
 *
 * EDF has no sign for a missing sample. −32768 is one here, and how many there were is noted.
 */
import { EDF_ANNOTATIONS_MAX } from '../limits.ts';
import { MISSING_SAMPLE } from '../vital/vital.ts';
import { assembleRecording } from './assemble.ts';
import type { FileSignal } from './assemble.ts';
import { EDF_ANNOTATIONS, parseEdfHeader } from './edf-header.ts';
import type { EdfHeader, EdfSignal } from './edf-header.ts';
import { FormatError, quoted } from './error.ts';
import type { Recording } from './recording.ts';

/** What a waveform segment can state [WIRE-9]. */
const BASELINE_MAX = 2 ** 31 - 1;

/** `name` is the file's, for errors and the recording. Throws FormatError, and nothing else. */
export function readEdf(name: string, bytes: Uint8Array): Recording {
  const header = parseEdfHeader(name, bytes);
  const notes: string[] = [];
  const signals = header.signals.filter((signal) => !isAnnotations(header, signal));
  if (signals.length === 0) {
    throw new FormatError('empty', name, 'expected signals, got annotations alone');
  }
  if (header.recordSeconds === 0) {
    throw new FormatError('bad-header', name, 'expected seconds a record above 0, got 0');
  }
  const read = signals.map((signal) => signalOf(name, header, signal, bytes, notes));
  const start = startOf(name, header, bytes);
  const recording = assembleRecording(name, start, read);
  return { ...recording, notes: [...notes, ...recording.notes] };
}

export interface EdfAnnotation {
  /** Since the file's start time; may be negative. */
  readonly onsetSeconds: number;
  readonly durationSeconds: number | undefined;
  readonly text: string;
}

/** What EDF+ says in words; none in plain EDF. Throws FormatError, and nothing else. */
export function readEdfAnnotations(name: string, bytes: Uint8Array): EdfAnnotation[] {
  const header = parseEdfHeader(name, bytes);
  return [...annotationsOf(name, header, bytes)].filter(({ text }) => text !== '');
}

const isAnnotations = ({ isPlus }: EdfHeader, { label }: EdfSignal): boolean =>
  isPlus && label === EDF_ANNOTATIONS;

function signalOf(
  name: string,
  header: EdfHeader,
  signal: EdfSignal,
  bytes: Uint8Array,
  notes: string[],
): FileSignal {
  const { label, samplesPerRecord, digitalMin, digitalMax, physicalMin, physicalMax } = signal;
  const samples = new Int16Array(header.recordCount * samplesPerRecord);
  let missing = 0;
  for (let record = 0, i = 0; record < header.recordCount; record++) {
    let at = header.byteLength + record * header.recordBytes + signal.offset;
    for (let k = 0; k < samplesPerRecord; k++, i++, at += 2) {
      samples[i] = bytes[at]! | (bytes[at + 1]! << 8);
      if (samples[i] === MISSING_SAMPLE) missing++;
    }
  }
  const gain = (digitalMax - digitalMin) / (physicalMax - physicalMin);
  const exact = digitalMin - physicalMin * gain;
  // Adding 0: a baseline of −0 is 0.
  const baseline = Math.round(exact) + 0;
  if (Math.abs(baseline) > BASELINE_MAX) {
    const detail = `${quoted(label)}: expected a zero within 32 bits of steps, got ${exact}`;
    throw new FormatError('bad-header', name, detail);
  }
  if (Math.abs(exact - baseline) > 1e-6) {
    notes.push(`${label}: its zero lies between two steps; values are off by up to half a step`);
  }
  if (missing > 0) notes.push(`${label}: ${missing} samples of -32768 taken as missing`);
  const unit = signal.unit === '' ? undefined : signal.unit;
  const rateHz = samplesPerRecord / header.recordSeconds;
  return { description: label, unit, rateHz, gain, baseline, samples };
}

/** The header's second, and the fraction that the first record of EDF+ adds to it. */
function startOf(name: string, header: EdfHeader, bytes: Uint8Array): Date {
  const first = annotationsOf(name, header, bytes).next();
  const fraction = first.done === true ? 0 : first.value.onsetSeconds;
  const isFraction = fraction >= 0 && fraction < 1;
  return new Date(header.startTime.getTime() + (isFraction ? Math.round(fraction * 1000) : 0));
}

const ONSET = /^([+-]\d{1,12}(?:\.\d{1,12})?)(?:\x15(\d{1,12}(?:\.\d{1,12})?))?$/;

/**
 * Lists of time stamps: `+onset[ 0x15 duration] 0x14 text 0x14 … 0x00`, filled up with zeros. The first
 * list of a record has an empty text: it says when the record begins.
 */
function* annotationsOf(
  name: string,
  header: EdfHeader,
  bytes: Uint8Array,
): Generator<EdfAnnotation, void> {
  const text = new TextDecoder();
  let count = 0;
  for (let record = 0; record < header.recordCount; record++) {
    for (const signal of header.signals.filter((each) => isAnnotations(header, each))) {
      const at = header.byteLength + record * header.recordBytes + signal.offset;
      const lists = text.decode(bytes.subarray(at, at + 2 * signal.samplesPerRecord)).split('\0');
      for (const list of lists.filter((each) => each !== '')) {
        const [time, ...texts] = list.split('\x14');
        const match = ONSET.exec(time!);
        if (match === null || texts.pop() !== '') {
          const detail = `record ${record + 1}: expected a list of time stamps, got other bytes`;
          throw new FormatError('bad-annotation', name, detail);
        }
        const onsetSeconds = Number(match[1]);
        const durationSeconds = match[2] === undefined ? undefined : Number(match[2]);
        for (const each of texts) {
          if (++count > EDF_ANNOTATIONS_MAX) {
            const detail = `expected at most ${EDF_ANNOTATIONS_MAX} annotations, got more`;
            throw new FormatError('too-large', name, detail);
          }
          yield { onsetSeconds, durationSeconds, text: each };
        }
      }
    }
  }
}
