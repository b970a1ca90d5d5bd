/**
 * The logs in the gateway's folder at start: every one is read whole, since the replay window never
 * forgets [WIRE-15], and stays served to followers. Only the newest can be continued.
 */
import { LogError } from '@vitalshare/cloud-sink/messages';
import { UserError } from '@vitalshare/edge/command/node';
import type { Disk, DiskFile } from './disk.ts';
import { type LogTools, MaskedLog } from './masked-log.ts';
import { scanProgress } from './scan-progress.ts';
import { scanLog, type Scanned, type ScanOptions, type ScanPoint } from './scan.ts';

const LOG_FILE = /^([0-9a-f]{32})\.log$/;

export interface KnownLog {
  readonly log: MaskedLog;
  readonly scanned: Scanned;
}

export const fileOfLog = (log: string): string => `${log}.log`;

export interface OpenOptions extends Omit<ScanOptions, 'log' | 'read' | 'from' | 'tags'> {
  /** Where to go on in each log, asked when the files are known; undefined: from its beginning. */
  readonly from?: (
    files: ReadonlyMap<string, DiskFile>,
  ) => Promise<ReadonlyMap<string, ScanPoint> | undefined>;
  /** As in ScanOptions, with the log they stand in. */
  readonly tags: (tags: readonly Uint8Array[], log: string) => void;
}

/** By rising time of creation. Throws UserError on damage: what to do is the operator's choice. */
export async function openLogs(
  disk: Disk,
  options: OpenOptions,
  tools: LogTools,
  say: (sentence: string) => void,
): Promise<KnownLog[]> {
  const files: { readonly log: string; readonly file: DiskFile }[] = [];
  let allBytes = 0;
  for (const name of await disk.list()) {
    const log = LOG_FILE.exec(name)?.[1];
    if (log === undefined) continue;
    const file = await disk.open(name);
    files.push({ log, file });
    allBytes += await file.size();
  }
  const { from, ...scanning } = options;
  const points = await from?.(new Map(files.map(({ log, file }) => [log, file])));
  for (const { bytes } of points?.values() ?? []) allBytes -= bytes;
  const read = scanProgress(allBytes, tools.clock, say);
  const known: KnownLog[] = [];
  for (const { log, file } of files) {
    const point = points?.get(log);
    const scan = () =>
      scanLog(file, {
        ...{ ...scanning, log, read, tags: (tags) => options.tags(tags, log) },
        ...(point === undefined ? {} : { from: point }),
      });
    const scanned = await scanOrExplain(scan, fileOfLog(log));
    const { head, bytes, time, index } = scanned;
    known.push({ log: new MaskedLog({ log, file, head, bytes, time, index }, tools), scanned });
  }
  return known.sort((a, b) => createdOf(a) - createdOf(b));
}

async function scanOrExplain(scan: () => Promise<Scanned>, name: string): Promise<Scanned> {
  try {
    return await scan();
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new UserError(
      `${name} is damaged (${error.message}); move it away to start a new log, or restore it from a copy.`,
    );
  }
}

const createdOf = ({ scanned }: KnownLog): number => scanned.genesis?.created ?? -1;
