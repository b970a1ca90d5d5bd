/**
 * When checkpoints are written: while the gateway runs, after every so many bytes of log, in a moment when
 * nothing is on its way to the disk, so that log, window, cells and stays say the same; and at its close.
 * A disk that fails costs the checkpoint, never a frame.
 */
import type { Genesis, Stay } from '@vitalshare/cloud-sink/messages';
import type { CountedCells } from '../ingest/counted-cells.ts';
import { CHECKPOINT_BYTES, CHECKPOINT_CLOSE_BYTES } from '../limits.ts';
import type { ReplayWindow } from '../window/replay-window.ts';
import { encodeCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Disk } from './disk.ts';
import type { MaskedLog } from './masked-log.ts';
import type { ScanPoint } from './scan.ts';

export interface CheckpointParts {
  readonly disk: Disk;
  readonly log: MaskedLog;
  readonly genesis: Genesis;
  readonly run: number;
  readonly salt: Uint8Array;
  /** Of the logs nothing is appended to any more. */
  readonly ended: ReadonlyMap<string, ScanPoint>;
  readonly window: ReplayWindow;
  readonly cells: CountedCells;
  readonly sign: (message: Uint8Array) => Uint8Array;
  /** Bytes of all logs that the last checkpoint covers. */
  readonly coveredBytes: number;
}

export class Checkpoints {
  readonly #parts: CheckpointParts;
  readonly #endedBytes: number;
  #coveredBytes: number;
  #turn = 0;
  #writing: Promise<void> | undefined;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
    this.#coveredBytes = parts.coveredBytes;
    this.#endedBytes = [...parts.ended.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Called now and then, in a turn of its own. `stays`: all that was announced in the log at hand. */
  tick(stays: Iterable<Stay>): void {
    if (this.uncoveredBytes >= CHECKPOINT_BYTES) this.#write(stays);
  }

  /** After the log has stopped. */
  async close(stays: Iterable<Stay>): Promise<void> {
    await this.#writing;
    if (this.uncoveredBytes >= CHECKPOINT_CLOSE_BYTES) this.#write(stays);
    await this.#writing;
  }

  /** Log that the next start after a crash reads from its bytes. */
  get uncoveredBytes(): number {
    return this.#endedBytes + this.#parts.log.point.bytes - this.#coveredBytes;
  }

  #write(stays: Iterable<Stay>): void {
    const { disk, log, genesis, run, salt, ended, window, cells, sign } = this.#parts;
    if (!log.isIdle || log.failing !== undefined || this.#writing !== undefined) return;
    const point = { ...log.point, genesis, run, salt, stays: [...stays] };
    const points = new Map([...ended, [log.log, point]]);
    const bytes = encodeCheckpoint(points, window, cells, sign);
    // Also where it fails: it is tried again when the log has grown as much again.
    this.#coveredBytes = this.#endedBytes + point.bytes;
    this.#writing = writeCheckpoint(disk, this.#turn++, bytes)
      .catch(() => undefined)
      .finally(() => (this.#writing = undefined));
  }
}
