/**
 * One joint question at one server: its rows, weighted, and what servers of lower index have sent of
 * theirs so far. Everything about it is forgotten when it has been answered or has failed.
 */
import type { PublicKey, Slots } from '../../paillier/paillier.ts';
import type { Multiplier } from './cross-products.ts';

/** What is computed over, once it has been found. */
export interface JointRows {
  /** base64url */
  readonly data: string;
  /** Additive shares over the answering set, a row each. */
  readonly rows: readonly (readonly bigint[])[];
}

/** What has come of one owner's rows. */
export interface Incoming {
  received: number;
  /** A piece is being worked on. */
  isBusy: boolean;
  parts?: { readonly key: PublicKey; readonly slots: Slots; readonly multiplier: Multiplier };
}

export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (reason: unknown) => void;
  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined); // Whoever waits hears of it.
  }
}

export class JointSession {
  readonly set: readonly number[];
  readonly found = new Deferred<JointRows>();
  readonly #owners: ReadonlyMap<number, { incoming: Incoming; kept: Deferred<readonly bigint[]> }>;

  constructor(set: readonly number[], server: number) {
    this.set = set;
    this.#owners = new Map(
      set
        .filter((each) => each < server)
        .map((owner) => [
          owner,
          { incoming: { received: 0, isBusy: false }, kept: new Deferred<readonly bigint[]>() },
        ]),
    );
  }

  /** Servers whose rows are multiplied here. */
  get owners(): readonly number[] {
    return [...this.#owners.keys()];
  }

  incoming(owner: number): Incoming | undefined {
    return this.#owners.get(owner)?.incoming;
  }

  kept(owner: number): Deferred<readonly bigint[]> {
    return this.#owners.get(owner)!.kept;
  }

  fail(reason: unknown): void {
    this.found.reject(reason);
    for (const { kept } of this.#owners.values()) kept.reject(reason);
  }
}
