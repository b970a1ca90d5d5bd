/**
 * The scrub of a running server: everything it keeps is read again and again, slowly enough that nobody
 * notices (SCRUB_BYTES_A_SECOND). What it finds is quarantined and mended like what a question finds; a
 * summary that its shares do not give is dropped; a page that is broken has the store made again.
 */
import type { Say } from '@vitalshare/edge/operations';
import { SCRUB_BYTES_A_SECOND, SCRUB_STEP_BYTES } from '../limits.ts';
import type { Applier } from './apply.ts';
import { chunkOf } from './damages.ts';
import { scrubValues } from './scrub.ts';
import type { Store } from './store.ts';

export interface BackgroundScrub {
  readonly applier: Applier;
  readonly store: Store;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly report: Say;
  readonly signal: AbortSignal;
  /** Counts what was done. */
  readonly scrubbed?: Scrubbed;
}

export interface Scrubbed {
  /** Times that everything was read. */
  passes: number;
  bytes: number;
  /** Summaries that were not what their shares give. */
  staleSummaries: number;
}

/** What a value costs beside its bytes, so that many small ones take their time too. */
const KEY_BYTES = 100;

/** Resolves when `signal` aborts. */
export async function scrubAlways(options: BackgroundScrub): Promise<void> {
  const { signal, sleep } = options;
  const pauseMs = (1_000 * SCRUB_STEP_BYTES) / SCRUB_BYTES_A_SECOND;
  while (!signal.aborted) {
    await sleep(pauseMs, signal);
    await scrubOnce(options, () => sleep(pauseMs, signal));
  }
}

/** Everything once; `pause` after every SCRUB_STEP_BYTES. */
export async function scrubOnce(
  { applier, store, report, signal, scrubbed }: Omit<BackgroundScrub, 'sleep'>,
  pause: () => Promise<void>,
): Promise<void> {
  let bytes = 0;
  for (const step of scrubValues(store)) {
    if (step.damage) found(applier, step.damage);
    if (step.stale) {
      applier.columns.summaries.drop(step.stale);
      report('a summary was not what its shares give; it is computed again when it is asked for.', {
        ...{ event: 'stale-summary', level: 'warn' },
      });
      if (scrubbed) scrubbed.staleSummaries++;
    }
    if (scrubbed) scrubbed.bytes += step.bytes;
    bytes += step.bytes + KEY_BYTES;
    if (bytes < SCRUB_STEP_BYTES) continue;
    bytes = 0;
    await pause();
    if (signal.aborted) return;
  }
  if (scrubbed) scrubbed.passes++;
}

function found(applier: Applier, error: Parameters<Applier['damages']['found']>[0]): void {
  if (error.table === 'summaries' && !error.isWhole) applier.columns.summaries.drop(error.key);
  const damage = applier.damages.damageOf(error);
  const column = damage && chunkOf(damage);
  // What memory holds of a changed chunk is written over the damage by the next commit.
  if (column && !applier.columns.isSettled(column, column.chunk)) return;
  if (!applier.books.rewrite(error)) applier.damages.found(error);
}
