/**
 * The stays of the log at hand: their numbers, what was announced of them, and their counters.
 *
 * A stay is announced once in each log and again when its tag, admission or labels change; masked
 * frames call it by its number. Its counter lives in memory only and starts anew with the run [S1].
 */
import { encodeStay, KIND, type LogRecord, type Stay } from '@vitalshare/cloud-sink/messages';
import type { NodeEntry } from '../registry/entry.ts';

export class Stays {
  readonly #announced: Map<string, Stay>;
  readonly #counters = new Map<string, number>();
  /** The entry each node was last announced with: an entry that is the same needs no comparison. */
  readonly #seen = new Map<string, NodeEntry>();
  #numbers: number;

  /** `announced`: what stands in the log already, the newest of each. */
  constructor(announced: ReadonlyMap<string, Stay>) {
    this.#announced = new Map(announced);
    this.#numbers = Math.max(0, ...[...announced.values()].map(({ number }) => number));
  }

  /** The number of the node's stay; `announce` gets a record to append before its next frame. */
  numberOf(entry: NodeEntry, announce: (record: LogRecord) => void): number {
    const known = this.#announced.get(entry.stay);
    if (known !== undefined && this.#seen.get(entry.node) === entry) return known.number;
    this.#seen.set(entry.node, entry);
    const { stay, tag, admitted, labels } = entry;
    if (known !== undefined && sameStay(known, entry)) return known.number;
    const announced = { number: known?.number ?? ++this.#numbers, stay, tag, admitted, labels };
    this.#announced.set(stay, announced);
    announce({ kind: KIND.stay, bytes: encodeStay(announced) });
    return announced.number;
  }

  /** What the log says of each, once all that was appended is durable. */
  get announced(): Iterable<Stay> {
    return this.#announced.values();
  }

  /** The next counter of a stay; never the same twice in a run [SHARE-7]. */
  nextCounter(stay: string): number {
    const counter = (this.#counters.get(stay) ?? 0) + 1;
    this.#counters.set(stay, counter);
    return counter;
  }
}

function sameStay(stay: Stay, entry: NodeEntry): boolean {
  const labels = Object.entries(entry.labels);
  return (
    stay.tag === entry.tag &&
    stay.admitted === entry.admitted &&
    labels.length === Object.keys(stay.labels).length &&
    labels.every(([key, label]) => Object.hasOwn(stay.labels, key) && stay.labels[key] === label)
  );
}
