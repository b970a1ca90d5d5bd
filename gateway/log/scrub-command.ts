/** `vitalshare gateway scrub --dir <party folder>`: is every batch of every log what was signed? */
import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@vitalshare/edge/command/node';
import { type LogScrub, scrubLog } from './scrub.ts';

export interface ScrubLogsOptions {
  /** `logs/` of the party folder. */
  readonly folder: string;
  readonly verify: (message: Uint8Array, signature: Uint8Array) => boolean;
  readonly json: boolean;
  /** One line or more, without the last line end. */
  readonly out: (text: string) => unknown;
  readonly err: (text: string) => unknown;
  /** ms UTC. */
  readonly clock: () => number;
}

const LOG_FILE = /^([0-9a-f]{32})\.log$/;
const PROGRESS_EVERY_MS = 3_000;

/** Returns the exit code: 0 whole, 1 damaged. */
export async function scrubLogs(options: ScrubLogsOptions): Promise<number> {
  const { folder, verify, json, out, err, clock } = options;
  if (!existsSync(folder)) {
    throw new UserError(`${folder} holds no logs; --dir needs the party folder of a gateway.`);
  }
  let bytes = 0;
  let saidMs = clock();
  const logs: LogScrub[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const log = LOG_FILE.exec(name)?.[1];
    if (log === undefined) continue;
    const handle = await open(join(folder, name), 'r');
    try {
      const file = {
        size: async () => (await handle.stat()).size,
        read: async (at: number, length: number) => {
          const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, at);
          return buffer.subarray(0, bytesRead);
        },
      };
      const read = (more: number): void => {
        bytes += more;
        if (clock() - saidMs < PROGRESS_EVERY_MS) return;
        saidMs = clock();
        err(`scrub: ${(bytes / 1e6).toFixed(0)} MB read, now log ${log.slice(0, 8)}`);
      };
      logs.push(await scrubLog(log, file, verify, { read }));
    } finally {
      await handle.close();
    }
  }
  const isWhole = logs.every(({ damage }) => damage === undefined);
  out(json ? JSON.stringify({ whole: isWhole, logs }) : logs.map(lineOf).join('\n') || 'no logs');
  return isWhole ? 0 : 1;
}

function lineOf({ log, batches, position, bytes, tornBytes, damage }: LogScrub): string {
  const good = `${batches} batches, ${position} records, ${(bytes / 1e6).toFixed(1)} MB`;
  const end = tornBytes > 0 ? `; ${tornBytes} bytes of a batch that is not whole follow` : '';
  if (damage === undefined) return `log ${log}: ${good}, all whole${end}`;
  return `damaged: log ${log} after ${good}: ${damage}; stop the gateway and restore the file from a copy, or move it away: data servers keep what they hold`;
}
