/** The frozen vectors of vectors/, with frames as the codec has them. Origin: vectors/README.md. */
import { readFileSync } from 'node:fs';
import { findVital, findWaveform, type Lead, type WaveformUnit } from '../vital/vital.ts';
import type { Answer, Frame, NodeEvent, NumericColumn, Status, WaveformSegment } from './wire.ts';

interface ColumnVector {
  readonly vital: string;
  readonly quality: number;
  readonly startSecond: number;
  /** Fixed-point integers. */
  readonly rows: readonly (number | null)[];
}

type SegmentVector = Omit<WaveformSegment, 'waveform' | 'lead' | 'unit' | 'samples'> & {
  readonly waveform: string;
  readonly lead: Lead;
  readonly unit: WaveformUnit;
  readonly samples: readonly number[];
};

interface FrameVector {
  readonly deviceTimeUs: number;
  readonly bootTimeMs?: number;
  readonly columns: readonly ColumnVector[];
  readonly segments: readonly SegmentVector[];
  readonly status?: Status;
  readonly events: readonly NodeEvent[];
}

export interface PayloadVector {
  readonly name: string;
  readonly payload: string;
  /** Of a good vector. */
  readonly frame?: FrameVector;
  /** Decodes, but is not what the encoder writes. */
  readonly notCanonical?: true;
  /** Of a bad one. */
  readonly code?: string;
  readonly position?: number;
}

export interface EnvelopeVector {
  readonly name: string;
  readonly node: string;
  readonly upKey: string;
  readonly keyEpoch: number;
  readonly boot: number;
  readonly sequence: number;
  readonly payload: string;
  readonly frame: string;
}

export interface AnswerVector {
  readonly name: string;
  readonly node: string;
  readonly downKey: string;
  readonly nonce: string;
  readonly answer: Answer;
  readonly sealed: string;
}

export const payloadVectors = () => read('payload') as PayloadVector[];
export const envelopeVectors = () => read('envelope') as EnvelopeVector[];
export const answerVectors = () => read('answer') as AnswerVector[];

export const isBad = ({ name }: { readonly name: string }): boolean => name.startsWith('bad_');

export function frameOf(vector: FrameVector): Frame {
  const columns = vector.columns.map(columnOf);
  const segments = vector.segments.map((segment) => ({
    ...segment,
    waveform: findWaveform(segment.waveform)!,
    samples: Int16Array.from(segment.samples),
  }));
  return { ...vector, columns, segments };
}

function columnOf({ vital, rows, ...rest }: ColumnVector): NumericColumn {
  const presence = new Uint8Array(Math.ceil(rows.length / 8));
  const present = rows.flatMap((value, row) => (value === null ? [] : [{ value, row }]));
  for (const { row } of present) presence[Math.floor(row / 8)]! += 2 ** (row % 8);
  const values = Int32Array.from(present, ({ value }) => value);
  return { ...rest, vital: findVital(vital)!, rowCount: rows.length, presence, values };
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8'));
