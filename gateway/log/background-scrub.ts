/**
 * The scrub of a running gateway: every log is read again and again from its first byte, slowly enough
 * that no frame waits for it (LOG_SCRUB_BYTES_A_SECOND). A start that has a checkpoint does not read what
 * lies before it, and data servers that have read a stretch do not come back; here damage in it is named
 * while they still hold what the file has lost. Nothing is mended and nothing stops: frames go on behind it.
 */
import type { Say } from '@vitalshare/edge/operations';
import {
  LOG_SCRUB_AGAIN_MS,
  LOG_SCRUB_BYTES_A_SECOND,
  LOG_SCRUB_FIRST_MS,
  LOG_SCRUB_STEP_BYTES,
} from '../limits.ts';
import type { MaskedLog } from './masked-log.ts';
import { scrubLog } from './scrub.ts';

export interface BackgroundScrub {
  readonly logs: ReadonlyMap<string, MaskedLog>;
  /** The gateway's own signature. */
  readonly verify: (message: Uint8Array, signature: Uint8Array) => boolean;
  readonly say: Say;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

const PAUSE_MS = (1_000 * LOG_SCRUB_STEP_BYTES) / LOG_SCRUB_BYTES_A_SECOND;

export class LogScrubs {
  readonly #options: BackgroundScrub;
  readonly #damaged = new Map<string, string>();

  constructor(options: BackgroundScrub) {
    this.#options = options;
  }

  /** What is wrong, by log; said when it is found and not again while it stays the same. */
  get damaged(): ReadonlyMap<string, string> {
    return this.#damaged;
  }

  /** Resolves when `signal` aborts. */
  async always(): Promise<void> {
    const { signal, sleep } = this.#options;
    for (let waitMs = LOG_SCRUB_FIRST_MS; !signal.aborted; waitMs = LOG_SCRUB_AGAIN_MS) {
      await sleep(waitMs, signal);
      await this.once();
    }
  }

  async once(): Promise<void> {
    const { logs, verify, sleep, signal } = this.#options;
    const read = (): Promise<void> => sleep(PAUSE_MS, signal);
    const steps = { stepBytes: LOG_SCRUB_STEP_BYTES, read, signal };
    for (const [log, masked] of logs) {
      const damage = await damageOf(() => scrubLog(log, masked.durable, verify, steps));
      if (signal.aborted) return;
      this.#found(log, damage);
    }
  }

  #found(log: string, damage: string | undefined): void {
    if (damage === undefined) {
      this.#damaged.delete(log);
      return;
    }
    if (this.#damaged.get(log) === damage) return;
    this.#damaged.set(log, damage);
    const how = { event: 'log-damaged', level: 'error', fields: { log } } as const;
    this.#options.say(damagedText(log, damage), how);
  }
}

/** A disk that does not read is damage as long as it does not. */
async function damageOf(scrub: () => ReturnType<typeof scrubLog>): Promise<string | undefined> {
  try {
    return (await scrub()).damage;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
  }
}

const damagedText = (log: string, damage: string): string =>
  `log ${log} is damaged (${damage}): data servers that have not read it yet stop there. Stop the gateway and restore ${log}.log from a copy, or move it away: data servers keep what they hold.`;
