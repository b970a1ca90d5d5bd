/**
 * How following goes, for `/readyz` and `/metrics`: whether the log's host answers, what it says it has,
 * and how far behind that this server is. What a host says is a hint: batches alone are proof.
 */
import type { LogHead } from '../../messages/heads.ts';
import type { Books } from '../books.ts';

export interface Lag {
  readonly records: number;
  /** Between the newest batch the host says it has and the newest that was applied here. */
  readonly seconds: number;
}

export class FollowState {
  readonly #hostHeads = new Map<string, { readonly position: number; readonly time: number }>();
  readonly #appliedMs = new Map<string, number>();
  /** Refusals of what the host served, by the code of LogError. */
  readonly refusals = new Map<string, number>();
  failures = 0;
  isConnected = false;
  /** The last failure, in the words the operator was told. */
  trouble = '';

  listed(heads: readonly LogHead[]): void {
    this.isConnected = true;
    this.trouble = '';
    this.#hostHeads.clear();
    for (const { log, position, time } of heads) this.#hostHeads.set(log, { position, time });
  }

  /** A batch of `timeMs` was applied. */
  applied(log: string, timeMs: number): void {
    this.#appliedMs.set(log, timeMs);
  }

  failed(sentence: string, isConnection: boolean, code?: string): void {
    this.failures += 1;
    if (isConnection) this.isConnected = false;
    this.trouble = sentence;
    if (code !== undefined) this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  lag(books: Pick<Books, 'log'>): Lag {
    let [records, seconds] = [0, 0];
    for (const [log, { position, time }] of this.#hostHeads) {
      const state = books.log(log);
      const behind = position - (state?.position ?? 0);
      if (behind <= 0) continue;
      records += behind;
      // Before the first batch of this process nobody knows how old the last one is.
      const appliedMs = this.#appliedMs.get(log) ?? state?.created ?? time;
      seconds = Math.max(seconds, (time - appliedMs) / 1000);
    }
    return { records, seconds };
  }
}
