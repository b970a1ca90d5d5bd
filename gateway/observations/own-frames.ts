/**
 * Frames of the gateway's own in its log: what was entered by hand, masked like any other reading.
 *
 *   key of the request ─► sequence number, durable in the journal ─► frame with the tag of (the ward's
 *   own id, boot 1, that number), durable in the log ─► in the replay window, as a node's frame is
 *
 * So a request that is sent again after a crash finds its number, and the window, which is rebuilt from
 * the log's tags, says whether its frame is there: it is appended once, however often it is sent. The id
 * is random; where the journal is lost a new one is drawn, and no number of the old one counts against it.
 * What was entered, and by whom, is not in the journal; by whom is not in the log either.
 */
import { KIND } from '@vitalshare/cloud-sink/messages';
import { sha256, toHex, utf8 } from '@vitalshare/edge/seal';
import type { MaskKeys } from '@vitalshare/edge/sharing';
import type { Acknowledge } from '../acknowledge/acknowledge.ts';
import type { Journal } from '../alarms/journal.ts';
import type { Bins } from '../ingest/bins.ts';
import { maskFrame } from '../ingest/mask.ts';
import type { PlacedColumn } from '../ingest/place.ts';
import type { Stays } from '../ingest/stays.ts';
import { OBSERVATION_KEYS_MAX } from '../limits.ts';
import type { MaskedLog } from '../log/masked-log.ts';
import type { NodeEntry } from '../registry/entry.ts';
import type { ReplayWindow } from '../window/replay-window.ts';
import type { FrameName, Tags } from '../window/tag.ts';

export interface OwnFramesParts {
  readonly journal: Journal;
  readonly keys: MaskKeys;
  readonly log: MaskedLog;
  readonly stays: Stays;
  readonly bins: Bins;
  readonly window: ReplayWindow;
  readonly tags: Tags;
  readonly acknowledge: Acknowledge;
  readonly random: (lengthBytes: number) => Uint8Array;
}

/** What the journal keeps of the ward as a source of readings. */
interface Hand {
  readonly id: string;
  readonly next: number;
}

/** … and of a request. */
interface Kept {
  readonly sequence: number;
  readonly atMs: number;
}

const HAND = 'hand';
const KEY = 'entered/';
const BOOT = 1;

/** The disk does not take it now: nothing of it is anywhere. */
export class NotDurableError extends Error {
  override readonly name = 'NotDurableError';
}

export class OwnFrames {
  readonly #parts: OwnFramesParts;
  /** Oldest first. */
  readonly #keys: string[];

  constructor(parts: OwnFramesParts) {
    this.#parts = parts;
    this.#keys = [...parts.journal.states.keys()].filter((key) => key.startsWith(KEY));
  }

  /** What is known of a request: when it was observed, and whether its frame is in the log. */
  known(
    bed: string,
    key: string,
  ): { readonly atMs: number; readonly isThere: boolean } | undefined {
    const kept = this.#kept(keyOf(bed, key));
    return (
      kept && { atMs: kept.atMs, isThere: this.#parts.window.has(this.#nameOf(kept.sequence)) }
    );
  }

  /**
   * Resolves when it is durable, with how many cells it was the first to fill. `check` is called in the
   * turn of the append and may throw; then nothing is appended. Rejects with NotDurableError.
   */
  async append(
    entry: NodeEntry,
    { key, atMs }: { readonly key: string; readonly atMs: number },
    columns: readonly PlacedColumn[],
    check: () => void,
  ): Promise<number> {
    const { log, keys, stays, bins, tags, window, acknowledge } = this.#parts;
    const sequence = await this.#reserve(keyOf(entry.stay, key), atMs);
    const name = { ...this.#nameOf(sequence), refused: false };
    if (log.full || acknowledge.full) throw new NotDurableError('the log takes nothing now');
    check();
    const number = stays.numberOf(entry, (record) => {
      log.append(record).catch(() => undefined);
    });
    const counter = stays.nextCounter(entry.stay);
    const target = { stay: entry.stay, number, counter, tag: tags.make(name) };
    const bytes = maskFrame(keys, target, { columns, segments: [] });
    let position: number;
    try {
      position = await log.append({ kind: KIND.frame, bytes });
    } catch {
      throw new NotDurableError('the log closed before it was durable');
    }
    window.add(name);
    acknowledge.appended(position, name, () => undefined);
    return bins.count(entry.stay, number, columns);
  }

  /** The number of a request, durable: the same however often it is asked. */
  async #reserve(key: string, atMs: number): Promise<number> {
    const { journal, window } = this.#parts;
    const known = this.#kept(key);
    let sequence = known?.sequence ?? this.#hand().next;
    if (known === undefined) {
      // A folder that is an older copy counts again what its log, or its data servers, know already.
      while (window.has(this.#nameOf(sequence))) sequence += 1;
      journal.set(HAND, { ...this.#hand(), next: sequence + 1 });
      journal.set(key, { sequence, atMs });
      this.#keys.push(key);
      while (this.#keys.length > OBSERVATION_KEYS_MAX) journal.set(this.#keys.shift()!, undefined);
    }
    if (!(await journal.durable())) throw new NotDurableError('the journal takes nothing now');
    return sequence;
  }

  #kept(key: string): Kept | undefined {
    return this.#parts.journal.states.get(key) as Kept | undefined;
  }

  #nameOf(sequence: number): Omit<FrameName, 'refused'> {
    return { id: BigInt(this.#hand().id), boot: BOOT, sequence };
  }

  #hand(): Hand {
    const { journal, random } = this.#parts;
    const known = journal.states.get(HAND) as Hand | undefined;
    if (known !== undefined) return known;
    const bytes = random(8);
    const id = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) >> 1n;
    const made = { id: String(id), next: 1 };
    journal.set(HAND, made);
    return made;
  }
}

/** A key says nothing on the disk. */
const keyOf = (bed: string, key: string): string =>
  KEY + toHex(sha256(utf8(`${bed} ${key}`)).subarray(0, 16));
