/**
 * Worker threads that scan settled chunks, so that the thread which answers stays free and the other
 * cores help. Each opens the store for reading by itself: what crosses is which chunks, and back a
 * record of some 120 bytes for each.
 *
 *   start   at the first question large enough; until one is ready the asking thread does it all
 *   job     to the ready worker with the fewest under way
 *   death   its jobs fail with one sentence, and the next job starts another worker
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SCAN_THREADS_MAX } from '../limits.ts';
import type { ScanPart } from './cells.ts';
import { StoreDamage } from './checked-store.ts';
import type { ScanPlan } from './scan.ts';

/** Settled chunks of one stay. */
export interface ScanJob {
  readonly plan: ScanPlan;
  readonly parts: readonly ScanPart[];
  readonly numbers: readonly number[];
}

export interface ScanPool {
  /** Their records (`chunk-record.ts`); undefined where no worker is ready: scan them yourself. */
  scan(job: ScanJob): Promise<Uint32Array> | undefined;
  /** Before the store is closed. Jobs under way fail. */
  close(): Promise<void>;
}

/** To a worker: a job, or the end. */
export type ToWorker = { readonly id: number; readonly job: ScanJob } | 'close';

/** From a worker: that it is warm, and what became of a job. */
export type FromWorker =
  | 'ready'
  | { readonly id: number; readonly records: Uint32Array }
  | { readonly id: number; readonly damage: Pick<StoreDamage, 'table' | 'key' | 'fault'> }
  | { readonly id: number; readonly fault: string };

interface Waiting {
  readonly resolve: (records: Uint32Array) => void;
  readonly reject: (error: Error) => void;
}

interface Hand {
  readonly worker: Worker;
  isReady: boolean;
  readonly waiting: Map<number, Waiting>;
}

/** One core stays with the thread that answers. */
const threadsByDefault = (): number =>
  Math.max(1, Math.min(SCAN_THREADS_MAX, availableParallelism() - 1));

const START = new URL('./scan-worker.mjs', import.meta.url);

export class WorkerPool implements ScanPool {
  readonly #folder: string;
  readonly #threads: number;
  readonly #start: URL;
  readonly #hands = new Set<Hand>();
  #jobs = 0;
  #isClosed = false;

  /** `folder` holds the lmdb store, which this process has open. `start` is for tests. */
  constructor(folder: string, threads = threadsByDefault(), start = START) {
    this.#folder = folder;
    this.#threads = threads;
    this.#start = start;
  }

  scan(job: ScanJob): Promise<Uint32Array> | undefined {
    if (this.#isClosed) return undefined;
    while (this.#hands.size < this.#threads) this.#hire();
    const hand = [...this.#hands]
      .filter(({ isReady }) => isReady)
      .sort((a, b) => a.waiting.size - b.waiting.size)[0];
    if (!hand) return undefined;
    const id = this.#jobs++;
    return new Promise((resolve, reject) => {
      hand.waiting.set(id, { resolve, reject });
      hand.worker.ref();
      hand.worker.postMessage({ id, job } satisfies ToWorker);
    });
  }

  /** Resolves when every worker is warm: for benchmarks. */
  async warm(): Promise<void> {
    while (this.#hands.size < this.#threads) this.#hire();
    const starting = [...this.#hands].filter(({ isReady }) => !isReady);
    await Promise.all(
      starting.map(({ worker }) => {
        worker.ref();
        return new Promise((resolve) => worker.once('message', resolve));
      }),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const ended = [...this.#hands].map(async ({ worker, isReady }) => {
      const exit = new Promise((resolve) => worker.once('exit', resolve));
      worker.ref();
      if (isReady) worker.postMessage('close' satisfies ToWorker);
      else await worker.terminate();
      await exit;
    });
    await Promise.all(ended);
  }

  #hire(): void {
    const worker = new Worker(this.#start, {
      workerData: this.#folder,
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 },
    });
    const hand: Hand = { worker, isReady: false, waiting: new Map<number, Waiting>() };
    this.#hands.add(hand);
    worker.unref();
    worker.on('message', (message: FromWorker) => {
      if (message === 'ready') {
        hand.isReady = true;
        return;
      }
      const waiting = hand.waiting.get(message.id);
      hand.waiting.delete(message.id);
      // An idle worker keeps no process alive.
      if (hand.waiting.size === 0) worker.unref();
      if ('records' in message) waiting?.resolve(message.records);
      else if ('damage' in message) {
        const { table, key, fault } = message.damage;
        waiting?.reject(new StoreDamage(table, key, fault));
      } else waiting?.reject(new Error(`a worker could not scan: ${message.fault}`));
    });
    let reason = '';
    worker.on('error', (error) => (reason = `: ${error.message}`));
    worker.on('exit', (code) => {
      this.#hands.delete(hand);
      for (const { reject } of hand.waiting.values()) {
        reject(new Error(`a worker ended with code ${code} while it scanned${reason}; ask again`));
      }
    });
  }
}
