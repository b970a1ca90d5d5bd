/**
 * Door `@vitalshare/edge/formats`: files of other systems, read and written as bytes and text.
 *
 *   wfdb-header.ts   the header of a WFDB record            parseWfdbHeader
 *   wfdb.ts          a record, checked, to a Recording      readWfdb
 *   wfdb-write.ts    a record as header and signal file     writeWfdb
 *   edf.ts           an EDF or EDF+C file, to a Recording   readEdf, readEdfAnnotations
 *   export-wfdb.ts   what was opened of a stay, as records   exportWfdb
 *   records.ts       channels with gaps, to grids           ChannelRun
 *   annotations.ts   beats and rhythms of a WFDB record     readAnnotations, writeAnnotations
 *   csv-in.ts        a table of either kind                 readCsv
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
export { writeWfdb } from './wfdb-write.ts';
export type { WfdbFiles, WritableRecord, WritableSignal } from './wfdb-write.ts';
export { nameOfChannel, nameOfUnit } from './names.ts';
export { readEdf, readEdfAnnotations } from './edf.ts';
export type { EdfAnnotation } from './edf.ts';
export { exportWfdb } from './export-wfdb.ts';
export type { ExportedRecord, OpenedReadings } from './export-wfdb.ts';
export type { ChannelRun, GridLimits, GriddedRecord } from './records.ts';
export { annotationSymbol, isBeat, readAnnotations, writeAnnotations } from './annotations.ts';
export type { Annotation } from './annotations.ts';
export { readNumericsCsv } from './numerics-csv.ts';
export { readCsv } from './csv-in.ts';
export { readSignalsCsv } from './signals-csv.ts';
export type { SignalsCsvOptions } from './signals-csv.ts';
export { BIDMC_RATE_HZ, readBreathsCsv } from './breaths-csv.ts';
export { parseColumnMap } from './columns.ts';
export type { ColumnMap } from './columns.ts';
export { writeNumericCsv, writeWaveformCsv } from './csv.ts';
export type { NumericRun, WaveformRun } from './csv.ts';
