/**
 * Answers to nodes, gathered: frames that became durable together are answered together.
 *
 * One answer a boot says it all while its gaps fit; past that, one for each frame, so that each
 * stands exactly in some answer (`ReplayWindow.settled`).
 */
import { type Answer, sealAnswer } from '@vitalshare/edge/wire';
import { sealAead } from '../node-crypto.ts';
import type { NodeEntry } from '../registry/entry.ts';
import type { ReplayWindow } from '../window/replay-window.ts';

export interface AnswersOptions {
  readonly window: ReplayWindow;
  readonly clock: () => number;
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly send: (node: string, sealed: Uint8Array) => void;
}

export class Answers {
  readonly #options: AnswersOptions;
  readonly #due = new Map<string, { entry: NodeEntry; boot: number; sequences: number[] }>();
  #flushing = false;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** The frame is settled; its node hears of it with whatever else settles in this turn. */
  settled(entry: NodeEntry, boot: number, sequence: number): void {
    const key = `${entry.node}/${boot}`;
    const due = this.#due.get(key);
    if (due === undefined) this.#due.set(key, { entry, boot, sequences: [sequence] });
    else due.sequences.push(sequence);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flush();
    });
  }

  #flush(): void {
    this.#flushing = false;
    const due = [...this.#due.values()];
    this.#due.clear();
    for (const { entry, boot, sequences } of due) {
      let left = sequences;
      while (left.length > 0) {
        const said = this.#options.window.settled(entry.id, boot, left[0]!);
        const answer = { gatewayTimeMs: this.#options.clock(), boot, ...said };
        const nonce = this.#options.random(24);
        const sealed = sealAnswer(entry.node, entry.downKey, nonce, answer, sealAead);
        this.#options.send(entry.node, sealed);
        left = left.slice(1).filter((sequence) => !stands(answer, sequence));
      }
    }
  }
}

const stands = ({ sequence, missing }: Answer, asked: number): boolean =>
  asked <= sequence && !missing.some(({ first, last }) => first <= asked && asked <= last);
