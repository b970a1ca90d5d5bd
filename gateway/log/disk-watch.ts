/** Tells the operator when the log's disk stops taking batches, and when it takes them again; once each. */
import type { Say } from '@vitalshare/edge/operations';
import type { MaskedLog } from './masked-log.ts';

export class DiskWatch {
  readonly #log: Pick<MaskedLog, 'failing'>;
  readonly #say: Say;
  #told: string | undefined;

  constructor(log: Pick<MaskedLog, 'failing'>, say: Say) {
    this.#log = log;
    this.#say = say;
  }

  /** Called now and then. */
  tick(): void {
    const { failing } = this.#log;
    if (failing === this.#told) return;
    this.#told = failing;
    if (failing === undefined) {
      this.#say('the log is written again.', { event: 'log-written' });
      return;
    }
    const sentence =
      failing === 'ENOSPC'
        ? 'the disk of the log is full: nothing is acknowledged, sensors keep their frames, the page goes on; free space and it goes on by itself.'
        : `the log cannot be written (${failing}): nothing is acknowledged, sensors keep their frames, the page goes on; it is tried again.`;
    this.#say(sentence, { event: 'log-failing', level: 'error', fields: { code: failing } });
  }
}
