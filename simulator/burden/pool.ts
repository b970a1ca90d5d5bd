/** Jobs over worker threads, one at a time each, the longest first; results in the order they come. */
import { Worker } from 'node:worker_threads';
import type { BurdenJob, BurdenResult } from './worker.ts';

const START = new URL('./worker.mjs', import.meta.url);

/** Rejects with the first error of a thread; no thread is left behind. */
export async function runJobs(
  jobs: readonly BurdenJob[],
  threads: number,
  onResult: (result: BurdenResult) => void,
): Promise<void> {
  const waiting = jobs.toSorted((a, b) => b.seconds - a.seconds);
  const hands = Array.from({ length: Math.min(threads, jobs.length) }, () => new Worker(START));
  try {
    await Promise.all(hands.map((hand) => work(hand, waiting, onResult)));
  } finally {
    await Promise.all(hands.map((hand) => hand.terminate()));
  }
}

const work = (
  hand: Worker,
  waiting: BurdenJob[],
  onResult: (result: BurdenResult) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const next = (): void => {
      const job = waiting.shift();
      if (job === undefined) resolve();
      else hand.postMessage(job);
    };
    hand.on('error', reject);
    hand.on('exit', () => reject(new Error('burden: a thread ended')));
    hand.on('message', (result: BurdenResult) => {
      onResult(result);
      next();
    });
    next();
  });
