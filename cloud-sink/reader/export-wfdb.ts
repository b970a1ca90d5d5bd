/**
 * A stay as WFDB records (edge/formats/export-wfdb.ts). A record's signals alternate in one file,
 * so all of it is opened first: two bytes a sample, up to EXPORT_SAMPLES_MAX.
 */
import { UserError } from '@vitalshare/edge/command/node';
import { exportWfdb, type ExportedRecord, type OpenedReadings } from '@vitalshare/edge/formats';
import { MISSING_SAMPLE } from '@vitalshare/edge/vital';
import { EXPORT_GAP_SECONDS_MAX, EXPORT_SAMPLES_MAX } from '../limits.ts';
import type { ExportedFile, ExportFolder, ExportRequest } from './export-folder.ts';
import type { History } from './history.ts';
import type { OpenedSegment } from './history-runs.ts';

/** Empty where there is nothing in that time. Throws ReaderError or UserError. */
export async function writeWfdbExport(request: ExportRequest): Promise<ExportedFile[]> {
  const runs: OpenedSegment[] = [];
  const readings: OpenedReadings[] = [];
  let room = EXPORT_SAMPLES_MAX;
  for (const each of request.channels) {
    const history = await request.open(each);
    const opened = await collect(history, (count) => {
      room -= count;
      if (room < 0) throw tooMuch();
    });
    runs.push(...opened.runs);
    if (opened.readings !== undefined) readings.push(opened.readings);
  }
  const files: ExportedFile[] = [];
  const limits = { gapSecondsMax: EXPORT_GAP_SECONDS_MAX, samplesMax: EXPORT_SAMPLES_MAX };
  try {
    for (const record of exportWfdb(request.stay, runs, readings, limits)) {
      files.push(await writeRecord(request.folder, record));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${error.message}; export a part with --from and --to, or --format csv.`);
  }
  return files;
}

async function collect(
  { channel, chunks }: History,
  take: (count: number) => void,
): Promise<{ runs: OpenedSegment[]; readings: OpenedReadings | undefined }> {
  const runs: OpenedSegment[] = [];
  const seconds: number[] = [];
  const values: number[] = [];
  for await (const chunk of chunks) {
    if (chunk.kind === 'samples') {
      take(chunk.runs.reduce((sum, { samples }) => sum + samples.length, 0));
      runs.push(...chunk.runs);
    } else if ('scale' in channel) {
      take(chunk.seconds.length);
      for (const [i, second] of chunk.seconds.entries()) {
        seconds.push(second);
        values.push(chunk.values[i]! / channel.scale);
      }
    }
  }
  if (!('scale' in channel) || seconds.length === 0) return { runs, readings: undefined };
  const readings = {
    vital: channel,
    seconds: Float64Array.from(seconds),
    values: Float64Array.from(values),
  };
  return { runs, readings };
}

/** The header last: whoever finds it finds its samples. */
async function writeRecord(
  folder: ExportFolder,
  { files, record }: ExportedRecord,
): Promise<ExportedFile> {
  for (const [name, content] of [
    [files.dataName, files.data],
    [files.headerName, files.header],
  ] as const) {
    const sink = await folder.create(name);
    try {
      await sink.write(content);
      await sink.finish();
    } finally {
      await sink.discard();
    }
  }
  const { channels, startMicros, sampleCount, rateMilliHz } = record;
  const present = (samples: Int16Array): number =>
    samples.reduce((sum, sample) => sum + (sample === MISSING_SAMPLE ? 0 : 1), 0);
  return {
    name: files.headerName,
    channels: channels.map(({ shape: { channel, lead } }) =>
      lead === '' ? channel : `${channel}:${lead}`,
    ),
    count: channels.reduce((sum, { samples }) => sum + present(samples), 0),
    rateHz: rateMilliHz / 1000,
    span: {
      from: startMicros,
      to: startMicros + Math.round((sampleCount * 1e9) / rateMilliHz),
    },
  };
}

const tooMuch = (): UserError =>
  new UserError(
    `That is more than ${EXPORT_SAMPLES_MAX} samples at once; export it in parts with --from and --to.`,
  );
