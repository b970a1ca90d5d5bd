/**
 * Opening: the reader's half of the sharing (SHARING.md). No gateway or data-server code may reach
 * this module; a test walks the import graph.
 *
 *   x = Σ_{j∈S} λ_j · x_j,  λ_j = Π_{i∈S, i≠j} i/(i−j)
 *
 * What may be claimed of an opened answer of degree `deg` [SHARE-17] [S6]: *verified* when at least
 * deg + 1 + t servers agree on one polynomial; *partly* with one to t − 1 to spare; *unchecked* with
 * none. When servers disagree there is no answer, unless deg + 1 + t of them agree and at most t do
 * not: these are named. Among deg + 1 + t that agree are deg + 1 honest ones where at most t of them lie, and
 * these alone decide the polynomial; one agreeing server fewer, and t liars can blame an honest one.
 */
import { P, addVectors, fieldVector, type FieldVector } from '../field/field.ts';
import { add, invert, multiply } from '../field/textbook.ts';
import { nearestPolynomial, type ServerAnswer, valueAt } from './decode.ts';
import { checkConfig, type SharingConfig } from './sets.ts';
import { xorInto } from './commitment.ts';

export type { ServerAnswer } from './decode.ts';
export { commitmentOf, COMMITMENT_BYTES, KAPPA_BYTES } from './commitment.ts';

export type Checked = 'verified' | 'partly' | 'unchecked';

export interface Opened {
  /** 0 to p − 1; `toSigned` of edge/field gives a signed number. */
  readonly value: bigint;
  readonly checked: Checked;
  /** Servers that agree on the value, rising. */
  readonly agreeing: readonly number[];
  /** Servers whose answers are shown to be wrong. */
  readonly named: readonly number[];
}

export class OpeningError extends Error {
  override readonly name = 'OpeningError';
  readonly code: 'too-few' | 'disagree';
  constructor(code: 'too-few' | 'disagree', message: string) {
    super(message);
    this.code = code;
  }
}

/** 1/d for the differences of two servers: at most 15, either sign. */
const inverses = Array.from({ length: 16 }, (_, d) => (d === 0 ? 0n : invert(BigInt(d))));

/** The polynomial through `points`, evaluated at `at`, 0 to 16. */
function interpolate(points: readonly ServerAnswer[], at: number): bigint {
  let value = 0n;
  for (const { server: j, value: share } of points) {
    let lambda = share;
    for (const { server: i } of points) {
      if (i === j) continue;
      // (i − at)/(i − j)
      const isNegative = i < at !== i < j;
      const factor = multiply(BigInt(Math.abs(i - at)), inverses[Math.abs(i - j)]!);
      lambda = multiply(lambda, isNegative ? P - factor : factor);
    }
    value = add(value, lambda);
  }
  return value;
}

/**
 * Opens one answer of degree `degree` (t for a sum, 2t for a product of shares).
 * Throws RangeError for a value that is not below p or a server twice; OpeningError when there is no answer.
 */
export function openAnswer(
  config: SharingConfig,
  degree: number,
  answers: readonly ServerAnswer[],
): Opened {
  checkConfig(config);
  const sorted = [...answers].sort((a, b) => a.server - b.server);
  checkAnswers(config, sorted);
  const needed = degree + 1;
  if (sorted.length < needed) {
    throw new OpeningError(
      'too-few',
      `an answer of degree ${degree} needs ${needed} servers, got ${sorted.length}`,
    );
  }
  const points = sorted.slice(0, needed);
  const spare = sorted.length - needed;
  if (sorted.every(({ server, value }) => interpolate(points, server) === value)) {
    const checked = spare >= config.threshold ? 'verified' : spare > 0 ? 'partly' : 'unchecked';
    const agreeing = sorted.map(({ server }) => server);
    return { value: interpolate(points, 0), checked, agreeing, named: [] };
  }
  const verifiedAt = needed + config.threshold;
  const polynomial = sorted.length > verifiedAt ? nearestPolynomial(sorted, needed) : null;
  if (polynomial !== null) {
    const agrees = ({ server, value }: ServerAnswer) => valueAt(polynomial, server) === value;
    const agreeing = sorted.filter(agrees).map(({ server }) => server);
    const named = sorted.filter((answer) => !agrees(answer)).map(({ server }) => server);
    if (agreeing.length >= verifiedAt) {
      return { value: valueAt(polynomial, 0), checked: 'verified', agreeing, named };
    }
  }
  throw new OpeningError(
    'disagree',
    `the answers of servers ${sorted.map((a) => a.server).join(', ')} do not fit one polynomial; ` +
      `${verifiedAt} that agree are needed to say who is wrong`,
  );
}

/** Opens a masked column from the keystreams of every set: x = d + Σ ψ_A. */
export function openColumn(masked: FieldVector, streams: readonly FieldVector[]): FieldVector {
  const opened = fieldVector(masked.length / 2);
  opened.set(masked);
  for (const stream of streams) addVectors(opened, stream);
  return opened;
}

/** Opens a masked segment (or κ from zeros) from the keystreams of every set. */
export function openSegment(masked: Uint8Array, streams: readonly Uint8Array[]): Uint8Array {
  const opened = new Uint8Array(masked);
  for (const stream of streams) xorInto(opened, stream);
  return opened;
}

function checkAnswers(config: SharingConfig, sorted: readonly ServerAnswer[]): void {
  sorted.forEach(({ server, value }, index) => {
    if (!Number.isInteger(server) || server < 1 || server > config.servers) {
      throw new RangeError(`a server index is 1 to ${config.servers}, got ${server}`);
    }
    if (sorted[index - 1]?.server === server) throw new RangeError(`server ${server} stands twice`);
    if (value < 0n || value >= P) {
      throw new RangeError(`the answer of server ${server} is not a field element`);
    }
  });
}
