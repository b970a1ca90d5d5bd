/** A stay as tables: one CSV for each channel, streamed as it is opened. */
import type { ExportedFile, ExportRequest } from './export-folder.ts';
import { writeHistory } from './history-csv.ts';
import { channelName } from './stay.ts';

/** Empty where there is nothing in that time. Throws ReaderError or UserError. */
export async function writeCsvExport(request: ExportRequest): Promise<ExportedFile[]> {
  const files: ExportedFile[] = [];
  for (const each of request.channels) {
    const history = await request.open(each);
    const first = await history.chunks.next();
    if (first.done === true) continue;
    const name = `${request.stay}-${channelName(each).replace(':', '-')}.csv`;
    const sink = await request.folder.create(name);
    try {
      const { count, from, to, shape } = await writeHistory(history, first.value, sink, false);
      await sink.finish();
      const rateHz = shape === undefined ? undefined : shape.sampleRateMilliHz / 1000;
      files.push({ name, channels: [channelName(each)], count, rateHz, span: { from, to } });
    } finally {
      await sink.discard();
    }
  }
  return files;
}
