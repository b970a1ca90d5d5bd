/**
 * A fuzz target: one decoder of the product, what it may say to bytes that are not its own, and how
 * to make bytes that are.
 */
import type { Mutate } from './mutate.ts';
import type { Random } from './random.ts';

export interface Target {
  /** Room, then what it reads: `wire-payload`. */
  readonly name: string;
  /** File and function. */
  readonly codec: string;
  /** What valid samples are made of. */
  readonly samples: string;
  /** The only classes it may throw; the sentence for the table. */
  readonly errors: string;
  /** Of processor time for one case; 500 where it is left out. */
  readonly slowMs?: number;
  /** What it keeps of its input for good, over a million cases; nothing where it is left out. */
  readonly keptBytesMax?: number;
  readonly make: () => Subject | Promise<Subject>;
  /** Inputs that are tried every time, by name: once found, or made by hand. */
  readonly hostile: Readonly<Record<string, () => Uint8Array>>;
}

export interface Subject {
  readonly sample: (random: Random) => Uint8Array;
  readonly mutate: Mutate;
  /**
   * Returns the decoded value (or a promise of it), or null for "not mine". Throws what the decoder throws, or Unfit where
   * it gave back something that must not be.
   */
  readonly decode: (bytes: Uint8Array, random: Random) => unknown;
  /** The code of an error of the target's own; undefined where it is a bug. */
  readonly refusal: (error: unknown) => string | undefined;
  readonly close?: () => void | Promise<void>;
}

/** What was accepted is not what it says it is. */
export class Unfit extends Error {
  override readonly name = 'Unfit';
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** Errors of these classes, by their `code`, `field` or name. */
export const only =
  (...classes: readonly ErrorClass[]) =>
  (error: unknown): string | undefined => {
    const found = classes.find((each) => error instanceof each);
    if (found === undefined) return undefined;
    const code = (error as { code?: unknown }).code;
    return typeof code === 'string' ? code : found.name;
  };

/** A canonical codec: what is accepted encodes to the very same bytes. */
export function sameBytes(bytes: Uint8Array, again: Uint8Array): void {
  if (Buffer.compare(bytes, again) === 0) return;
  throw new Unfit(
    `accepted, and encodes to other bytes: ${Buffer.from(again).toString('hex').slice(0, 2_000)}`,
  );
}

/** A codec with several spellings: what is accepted has one, which is stable. */
export function stable<Value>(
  value: Value,
  encode: (value: Value) => Uint8Array,
  decode: (bytes: Uint8Array) => Value,
): Value {
  const once = encode(value);
  sameBytes(once, encode(decode(once)));
  return value;
}
