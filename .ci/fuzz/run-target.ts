/** Runs the cases of one target and counts what came of them; stops at the first that is a bug. */
import { CASE_BYTES_MAX } from './mutate.ts';
import { hashOf, type Random, randomOf } from './random.ts';
import { type Subject, type Target, Unfit } from './target.ts';

export interface Failure {
  readonly target: string;
  readonly seed: number;
  /** Of the case, or the name of a hostile input. */
  readonly at: number | string;
  readonly hex: string;
  readonly error: string;
}
export interface Outcome {
  readonly target: string;
  readonly cases: number;
  readonly seconds: number;
  /** By code; `null` counts "not mine". */
  readonly refused: Readonly<Record<string, number>>;
  readonly accepted: number;
  readonly slowestMs: number;
  /** Of the heap after collection, from a tenth of the cases on; NaN without --expose-gc. */
  readonly grownBytes: number;
  readonly failure: Failure | undefined;
}
export interface RunOptions {
  readonly cases: number;
  readonly seed: number;
  /** First case: to run one again. */
  readonly from?: number;
  /** Ends after so long with the cases done by then: for a run beside other tests. */
  readonly msMax?: number;
}

/** Samples are made once: encoding is not what is tested. */
const SAMPLES = 96;
/** A case that takes longer each time it is tried is a way to stop the process. */
const SLOW_MS = 500;
/** Growth of the heap after a million cases that is still a cache filling. */
const GROWTH_BYTES_MAX = 16 * 2 ** 20;

export async function runTarget(target: Target, options: RunOptions): Promise<Outcome> {
  const subject = await target.make();
  try {
    return await new Run(target, subject, options).all();
  } finally {
    await subject.close?.();
  }
}

class Run {
  readonly #target: Target;
  readonly #subject: Subject;
  readonly #options: RunOptions;
  readonly #samples: Uint8Array[];
  readonly #refused = new Map<string, number>();
  #accepted = 0;
  #slowestMs = 0;

  constructor(target: Target, subject: Subject, options: RunOptions) {
    this.#target = target;
    this.#subject = subject;
    this.#options = options;
    const name = hashOf(target.name);
    this.#samples = Array.from({ length: SAMPLES }, (_, i) =>
      subject.sample(randomOf(options.seed, name, -1 - i)),
    );
  }

  async all(): Promise<Outcome> {
    const { cases: wanted, seed, from = 0, msMax = Infinity } = this.#options;
    let cases = wanted;
    const name = hashOf(this.#target.name);
    const started = performance.now();
    let failure = await this.#hostile();
    let heap = NaN;
    for (let i = from; i < from + cases && failure === undefined; i++) {
      if (i - from === Math.floor(cases / 10)) heap = await heapBytes();
      const random = randomOf(seed, name, i);
      const sample = random.pick(this.#samples);
      // The samples themselves are cases too, and must be accepted.
      const isSample = i < this.#samples.length;
      const bytes = isSample
        ? this.#samples[i]!
        : this.#subject.mutate(random, sample, random.pick(this.#samples));
      failure = await this.#one(i, bytes, random, isSample);
      // What a library frees in a later turn must get one.
      if (i % 64 === 0) await turn();
      if (performance.now() - started > msMax) cases = i - from + 1;
    }
    const seconds = (performance.now() - started) / 1000;
    let grownBytes = (await heapBytes()) - heap;
    const { keptBytesMax = 0 } = this.#target;
    if (failure === undefined && grownBytes > GROWTH_BYTES_MAX + keptBytesMax) {
      failure = {
        target: this.#target.name,
        seed,
        at: 'all',
        hex: '',
        error: `the heap grew by ${grownBytes} bytes`,
      };
    }
    grownBytes = Math.max(0, grownBytes);
    return {
      target: this.#target.name,
      ...{
        cases,
        seconds,
        accepted: this.#accepted,
        slowestMs: this.#slowestMs,
        grownBytes,
        failure,
      },
      refused: Object.fromEntries([...this.#refused].sort(([, a], [, b]) => b - a)),
    };
  }

  async #hostile(): Promise<Failure | undefined> {
    const { name, hostile } = this.#target;
    for (const [what, make] of Object.entries(hostile)) {
      const failure = await this.#one(what, make(), randomOf(0, hashOf(name), hashOf(what)), false);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  async #one(
    at: number | string,
    bytes: Uint8Array,
    random: Random,
    isSample: boolean,
  ): Promise<Failure | undefined> {
    const slowMs = this.#target.slowMs ?? SLOW_MS;
    const before = performance.now();
    const error = await this.#verdict(bytes, random, isSample);
    let tookMs = performance.now() - before;
    // Another process may have had the processor: what counts is what it takes of one, twice.
    for (let again = 0; again < 2 && tookMs > slowMs / 10; again++) {
      tookMs = Math.min(tookMs, await this.#cpuMs(bytes, random));
    }
    this.#slowestMs = Math.max(this.#slowestMs, tookMs);
    const why = error ?? (tookMs > slowMs ? `took ${tookMs.toFixed(0)} ms` : undefined);
    if (why === undefined) return undefined;
    const hex = Buffer.from(bytes.subarray(0, CASE_BYTES_MAX)).toString('hex');
    return { target: this.#target.name, seed: this.#options.seed, at, hex, error: why };
  }

  async #cpuMs(bytes: Uint8Array, random: Random): Promise<number> {
    const before = process.cpuUsage();
    await this.#verdict(bytes, random, false);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  /** What is wrong, if anything is. */
  async #verdict(
    bytes: Uint8Array,
    random: Random,
    isSample: boolean,
  ): Promise<string | undefined> {
    let code: string;
    try {
      const decoded = this.#subject.decode(bytes, random);
      if ((decoded instanceof Promise ? await decoded : decoded) !== null) {
        this.#accepted += 1;
        return undefined;
      }
      code = 'null';
    } catch (error) {
      const named = error instanceof Unfit ? undefined : this.#subject.refusal(error);
      if (named === undefined)
        return error instanceof Error ? (error.stack ?? String(error)) : String(error);
      code = named;
    }
    if (isSample) return `a valid sample was refused: ${code}`;
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
    return undefined;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function heapBytes(): Promise<number> {
  if (globalThis.gc === undefined) return NaN;
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await turn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
