/**
 * Door `@vitalshare/edge/formats`: files of other systems, read and written as bytes and text.
 *
 *   wfdb-header.ts   the header of a WFDB record            parseWfdbHeader
 *   wfdb.ts          a record, checked, to a Recording      readWfdb
 *   annotations.ts   beats and rhythms of a WFDB record     readAnnotations, writeAnnotations
 *   numerics-csv.ts  tables of one reading a second         readNumericsCsv
 *   signals-csv.ts   tables of samples                      readSignalsCsv
 *   breaths-csv.ts   where annotators saw breaths (BIDMC)   readBreathsCsv
 *   columns.ts       which column is what                   parseColumnMap
 *   csv.ts           CSV out, in chunks                     writeWaveformCsv, writeNumericCsv
 *   recording.ts     what all of them are read into         Recording
 *   names.ts         PhysioNet's names to the vocabulary
 *   error.ts         FormatError and its codes
 */
export { FORMAT_ERRORS, FormatError } from './error.ts';
export type { FormatErrorCode } from './error.ts';
export type { RecordedNumeric, RecordedWaveform, Recording, WaveformShape } from './recording.ts';
export { parseWfdbHeader } from './wfdb-header.ts';
export type { WfdbFormat, WfdbHeader, WfdbSignal } from './wfdb-header.ts';
export { readWfdb } from './wfdb.ts';
export type { FileSource } from './wfdb.ts';
export { annotationSymbol, isBeat, readAnnotations, writeAnnotations } from './annotations.ts';
export type { Annotation } from './annotations.ts';
export { readNumericsCsv } from './numerics-csv.ts';
export { readSignalsCsv } from './signals-csv.ts';
export type { SignalsCsvOptions } from './signals-csv.ts';
export { BIDMC_RATE_HZ, readBreathsCsv } from './breaths-csv.ts';
export { parseColumnMap } from './columns.ts';
export type { ColumnMap } from './columns.ts';
export { writeNumericCsv, writeWaveformCsv } from './csv.ts';
export type { NumericRun, WaveformRun } from './csv.ts';
