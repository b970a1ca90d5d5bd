/**
 * Walks every log of a gateway from its first byte: each batch continues the one before, and each
 * signature is the gateway's. A start checks the chain behind its checkpoint and the last signature
 * alone (`scan.ts`); this is all of it, for the command and for the running gateway. Changes nothing.
 */
import { BatchReader, EMPTY_HEAD, LogError } from '@vitalshare/cloud-sink/messages';
import type { DiskFile } from './disk.ts';

const READ_BYTES = 4 * 1024 * 1024;

export interface LogScrub {
  /** 16 bytes in hex. */
  readonly log: string;
  readonly batches: number;
  /** Behind the last good batch. */
  readonly position: number;
  /** UTC, of the last good batch. */
  readonly timeMs: number;
  /** Of good batches. */
  readonly bytes: number;
  /** Behind them, of a batch that is not whole: being written, or torn by a crash [PROTO-5]. */
  readonly tornBytes: number;
  /** What is wrong, with its position; the log is read no further. */
  readonly damage?: string;
}

export interface ScrubSteps {
  readonly stepBytes?: number;
  /** Hears how many bytes a step read; the next one waits for it. */
  readonly read?: (bytes: number) => void | Promise<void>;
  /** Ends it between two steps. */
  readonly signal?: AbortSignal;
}

/** Rejects where the disk does. */
export async function scrubLog(
  log: string,
  file: Pick<DiskFile, 'size' | 'read'>,
  verify: (message: Uint8Array, signature: Uint8Array) => boolean,
  { stepBytes = READ_BYTES, read, signal }: ScrubSteps = {},
): Promise<LogScrub> {
  const reader = new BatchReader({ head: EMPTY_HEAD, verify });
  const size = await file.size();
  let batches = 0;
  let timeMs = 0;
  let damage: string | undefined;
  for (let at = 0; at < size && damage === undefined; at += stepBytes) {
    if (signal?.aborted) break;
    const bytes = await file.read(at, Math.min(stepBytes, size - at));
    await read?.(bytes.length);
    try {
      for (const { time } of reader.push(bytes)) {
        batches++;
        timeMs = time;
      }
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      damage = error.message;
    }
  }
  const { head, consumedBytes, pendingBytes } = reader;
  return {
    ...{ log, batches, position: head.position, timeMs, bytes: consumedBytes },
    tornBytes: damage === undefined ? pendingBytes : 0,
    ...(damage !== undefined && { damage }),
  };
}
