/**
 * x, y, xy, xx and yy summed over rows in memory: shares in the moments kernel, and the same in
 * plaintext over Float64Arrays, as a careful JavaScript loop does it.
 */
import { randomFillSync } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { MomentsKernel } from '../data-server/moments-kernel.ts';

/** Elements of one call: a chunk, so that both columns stay in the second-level cache. */
const CALL = 4_000;

/** Random shares of two columns in the kernel's own memory: 16 bytes a row. */
export class SharesInMemory {
  readonly #kernel = new MomentsKernel();
  readonly #rows: number;
  readonly #planes: readonly number[];

  constructor(rows: number) {
    this.#rows = rows;
    const planeBytes = 4 * (rows + 16 - (rows % 16));
    const { at, words } = this.#kernel.reserve(4 * planeBytes);
    const bytes = new Uint8Array(words.buffer, at, 4 * planeBytes);
    for (let from = 0; from < bytes.length; from += 2 ** 20) {
      randomFillSync(bytes.subarray(from, from + 2 ** 20));
    }
    // Planes are low x, high x, low y, high y; highs have 30 bits.
    words.forEach(
      (word, i) => (words[i] = word >>> (Math.floor((4 * i) / planeBytes) % 2 ? 2 : 1)),
    );
    this.#planes = [0, 1, 2, 3].map((plane) => at + plane * planeBytes);
    this.#kernel.warmUp();
  }

  /** One pass. Low and high words of the five sums, added up. */
  sum(): Float64Array {
    const total = new Float64Array(10);
    const pointers = [0, 0, 0, 0];
    for (let row = 0; row < this.#rows; row += CALL) {
      for (let i = 0; i < 4; i++) pointers[i] = this.#planes[i]! + 4 * row;
      const words = this.#kernel.at(pointers, Math.min(CALL, this.#rows - row), 2);
      for (let i = 0; i < 10; i++) total[i]! += words[i]!;
    }
    return total;
  }
}

/** The same over plaintext: two accumulators a sum hide half the latency of an addition. */
export class PlaintextInMemory {
  readonly #x: Float64Array;
  readonly #y: Float64Array;

  constructor(rows: number) {
    this.#x = Float64Array.from({ length: rows }, (_, i) => (i * 7_919) % 3_500);
    this.#y = Float64Array.from({ length: rows }, (_, i) => (i * 104_729) % 1_000);
  }

  sum(): number[] {
    const [x, y] = [this.#x, this.#y];
    const end = x.length - (x.length % 2);
    let [sx, sy, sxy, sxx, syy] = [0, 0, 0, 0, 0];
    let [tx, ty, txy, txx, tyy] = [0, 0, 0, 0, 0];
    for (let i = 0; i < end; i += 2) {
      const a = x[i]!;
      const b = y[i]!;
      const c = x[i + 1]!;
      const d = y[i + 1]!;
      sx += a;
      sy += b;
      sxy += a * b;
      sxx += a * a;
      syy += b * b;
      tx += c;
      ty += d;
      txy += c * d;
      txx += c * c;
      tyy += d * d;
    }
    return [sx + tx, sy + ty, sxy + txy, sxx + txx, syy + tyy];
  }
}

/** `threads` workers with an equal part of the rows each, warm. `sum` is one pass of all. */
export async function sharesInWorkers(
  rows: number,
  threads: number,
): Promise<{ sum: () => Promise<void>; close: () => Promise<void> }> {
  const part = Math.ceil(rows / threads);
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./five-sums-worker.mjs', import.meta.url), { workerData: part }),
  );
  const heard = () =>
    Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
  await heard();
  return {
    sum: async () => {
      const done = heard();
      for (const worker of workers) worker.postMessage('sum');
      await done;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
