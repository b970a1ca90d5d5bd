/**
 * The folder an export goes to: new or empty before, and whole or gone after.
 *
 * Each file is written beside its name and renamed when it is complete (csv-sink.ts); where the export
 * fails later, `discard` takes them away again, and the folder if it was made here.
 */
import { mkdir, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { fileSink, type TextSink } from './csv-sink.ts';
import type { History } from './history.ts';
import type { Range } from './history-runs.ts';
import type { StayChannel } from './stay.ts';

/** What was written, for whoever asked. */
export interface ExportedFile {
  /** The one to open: a header, or a table. */
  readonly name: string;
  readonly channels: readonly string[];
  /** Samples or readings that are there, of all channels. */
  readonly count: number;
  readonly rateHz: number | undefined;
  /** µs UTC: the first, and just behind the last. */
  readonly span: Range;
}

export interface ExportFolder {
  /** A file of the folder; `finish` makes it part of the export. */
  create(name: string): Promise<TextSink>;
  /** Leaves the folder as it was before. */
  discard(): Promise<void>;
}

/** What is opened channel by channel, and where it goes. */
export interface ExportRequest {
  readonly stay: string;
  readonly channels: readonly StayChannel[];
  readonly folder: ExportFolder;
  /** Opens one of them. Throws ReaderError. */
  readonly open: (channel: StayChannel) => Promise<History>;
}

/** Throws UserError where it cannot be made, or holds something already. */
export async function openExportFolder(path: string): Promise<ExportFolder> {
  let isNew: boolean;
  try {
    // A patient's: for its owner alone.
    isNew = (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined;
    const [first] = await readdir(path);
    if (first !== undefined) {
      throw new UserError(`${path} is not empty (${first}); name a new folder with --out.`);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${path} cannot be made a folder (${code ?? '?'}).`);
  }
  const finished: string[] = [];
  return {
    async create(name) {
      const file = join(path, name);
      const sink = await fileSink(file);
      return {
        ...sink,
        async finish() {
          await sink.finish();
          finished.push(file);
        },
      };
    },
    async discard() {
      for (const file of finished.splice(0)) await unlink(file);
      if (isNew) await rmdir(path);
    },
  };
}
