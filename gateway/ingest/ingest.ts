/**
 * The way of a frame through the gateway (WIRE.md, outcomes): bytes to exactly one outcome.
 *
 *   header ─► registry ─► open ─► window ─► payload ─► anchor ─► range ─► live ─► mask ─► log ─► answer
 *     │          │         │        │          │          │                              │
 *  bad-seal  wrong-epoch bad-seal duplicate malformed… far-future                    durable, then
 *                                                                                  PUBACK and answer
 *
 * Everything before the log happens in one turn once the anchor is known, so the order of counters
 * within a stay is the order of its frames in the log [SHARE-7]. A frame that arrives again while
 * its first copy is being written waits for that copy and is then judged anew. While the log takes
 * nothing, frames are shown and not kept: acknowledging stops, the ward's page does not.
 */
import { KIND } from '@vitalshare/cloud-sink/messages';
import { Buckets } from '@vitalshare/edge/operations';
import type { MaskKeys } from '@vitalshare/edge/sharing';
import {
  decodePayload,
  type Frame,
  openFrame,
  readHeader,
  WireError,
  type WireErrorCode,
} from '@vitalshare/edge/wire';
import type { Acknowledge } from '../acknowledge/acknowledge.ts';
import { Refusal } from '../broker/refusal.ts';
import {
  COPIES_WAITING_MAX,
  FUTURE_MS_MAX,
  NEW_BOOTS_BURST,
  NEW_BOOTS_PER_SECOND_MAX,
  NODES_MAX,
} from '../limits.ts';
import type { MaskedLog } from '../log/masked-log.ts';
import { openAead } from '../node-crypto.ts';
import type { NodeEntry } from '../registry/entry.ts';
import type { ReplayWindow } from '../window/replay-window.ts';
import type { FrameName, Tags } from '../window/tag.ts';
import type { Anchors } from './anchors.ts';
import type { Answers } from './answers.ts';
import type { Bins } from './bins.ts';
import type { Counters } from './counters.ts';
import { maskFrame, NOTHING } from './mask.ts';
import { type Placed, placeFrame } from './place.ts';
import type { Stays } from './stays.ts';

/** What the ward sees of a frame. */
export interface Watcher {
  frame(entry: NodeEntry, frame: Frame, placed: Placed, arrivedMs: number): void;
  refused(
    entry: NodeEntry,
    reason: 'far-future' | 'unsettled' | WireErrorCode,
    detail: string,
  ): void;
}

export interface IngestParts {
  readonly entryOf: (node: string) => NodeEntry | undefined;
  readonly window: ReplayWindow;
  readonly tags: Tags;
  readonly anchors: Anchors;
  readonly stays: Stays;
  readonly bins: Bins;
  readonly keys: MaskKeys;
  readonly log: MaskedLog;
  readonly acknowledge: Acknowledge;
  readonly answers: Answers;
  readonly counters: Counters;
  readonly watcher: Watcher;
  readonly clock: () => number;
  readonly timing: AckTiming;
}

/** How long frames wait for their acknowledgement, on a clock that only rises. */
export interface AckTiming {
  readonly nowMs: () => number;
  acknowledged(ms: number): void;
}

interface Pending {
  readonly settling: Promise<boolean>;
  /** Copies that wait for it. */
  copies: number;
}

export class Ingest {
  readonly #parts: IngestParts;
  /** Frames being made durable, by node, boot and sequence. */
  readonly #pending = new Map<string, Pending>();
  readonly #newBoots = new Buckets(
    { perSecond: NEW_BOOTS_PER_SECOND_MAX, burst: NEW_BOOTS_BURST },
    NODES_MAX,
  );
  /** The last boot of each node that was let in: its first frames arrive before any is settled. */
  readonly #boots = new Map<bigint, number>();
  #stopping = false;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  /** Takes no more; resolves when the frames at hand are settled one way or the other. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.allSettled([...this.#pending.values()].map(({ settling }) => settling));
  }

  /**
   * Resolves true when PUBACK may go, false where the node keeps the frame without one; throws Refusal
   * where the connection is to be closed.
   */
  async frame(node: string, bytes: Uint8Array): Promise<boolean> {
    const { entryOf, window, counters, acknowledge, answers } = this.#parts;
    if (this.#stopping) throw new Refusal('unsettled', 'the gateway is closing');
    const entry = entryOf(node);
    if (entry === undefined) throw new Refusal('bad-credentials', 'the node is not enrolled');
    const { boot, sequence, payload } = open(entry, bytes);
    const name = { id: entry.id, boot, sequence };
    if (window.has(name)) {
      counters.add('duplicate');
      acknowledge.again(name, () => answers.settled(entry, boot, sequence));
      return true;
    }
    const key = `${node}/${boot}/${sequence}`;
    const first = this.#pending.get(key);
    if (first !== undefined) {
      // Sent again and again while the disk does not answer: a few copies wait, the others are let go.
      if (first.copies >= COPIES_WAITING_MAX) return false;
      first.copies += 1;
      await first.settling.catch(() => undefined);
      return await this.frame(node, bytes);
    }
    const settling = this.#settle(entry, name, payload);
    this.#pending.set(key, { settling, copies: 0 });
    try {
      return await settling;
    } finally {
      this.#pending.delete(key);
    }
  }

  async #settle(
    entry: NodeEntry,
    name: Omit<FrameName, 'refused'>,
    payload: Uint8Array,
  ): Promise<boolean> {
    const { anchors, clock, counters, watcher } = this.#parts;
    const arrivedMs = clock();
    const frame = decode(payload);
    if (frame instanceof WireError) {
      return await this.#refuse(entry, name, frame.code, frame.message);
    }
    const known = frame.bootTimeMs ?? anchors.get(name.id, name.boot);
    const anchorMs = known ?? arrivedMs - Math.round(frame.deviceTimeUs / 1000); // [WIRE-6]
    const placed = placeFrame(frame, anchorMs);
    if (placed.latestMs > arrivedMs + FUTURE_MS_MAX) {
      counters.add('far-future');
      const seconds = Math.round((placed.latestMs - arrivedMs) / 1000);
      watcher.refused(entry, 'far-future', `its clock is ${seconds} s ahead`);
      return true;
    }
    if (placed.outOfTime) {
      return await this.#refuse(entry, name, 'malformed', 'a time before 1970');
    }
    const isFixed = frame.bootTimeMs !== undefined || (await this.#fix(name, anchorMs));
    // The ward sees it whether or not the log can take it.
    watcher.frame(entry, frame, placed, arrivedMs);
    if (!isFixed) {
      counters.add('unsettled');
      return false;
    }
    if (!(await this.#append(entry, { ...name, refused: false }, placed))) return false;
    counters.add('accepted');
    counters.add('out-of-range', placed.outOfRange);
    return true;
  }

  /** Settled for good: its place in the sequence is kept, and nothing else of it. */
  async #refuse(
    entry: NodeEntry,
    name: Omit<FrameName, 'refused'>,
    code: WireErrorCode,
    detail: string,
  ): Promise<boolean> {
    const { counters, watcher } = this.#parts;
    watcher.refused(entry, code, detail);
    if (!(await this.#append(entry, { ...name, refused: true }, NOTHING))) return false;
    counters.add(code);
    return true;
  }

  /** False where the time of this boot could not be kept. */
  async #fix({ id, boot }: Omit<FrameName, 'refused'>, anchorMs: number): Promise<boolean> {
    try {
      await this.#parts.anchors.fix(id, boot, anchorMs);
      return true;
    } catch {
      return false;
    }
  }

  #isBootTooMany({ id, boot }: FrameName): boolean {
    const { window, timing } = this.#parts;
    if (this.#boots.get(id) === boot || window.hasBoot({ id, boot })) return false;
    const nowMs = timing.nowMs();
    if (!this.#newBoots.of(String(id), nowMs).take(1, nowMs)) return true;
    this.#boots.set(id, boot);
    return false;
  }

  /** False where the log takes nothing now: the node keeps the frame and sends it again. */
  async #append(
    entry: NodeEntry,
    name: FrameName,
    placed: Pick<Placed, 'columns' | 'segments'>,
  ): Promise<boolean> {
    const { log, keys, stays, bins, tags, window, counters, timing } = this.#parts;
    const { acknowledge, answers, watcher } = this.#parts;
    if (log.full || acknowledge.full) {
      counters.add('unsettled');
      return false;
    }
    if (this.#isBootTooMany(name)) {
      counters.add('unsettled');
      watcher.refused(entry, 'unsettled', 'it started anew too often');
      return false;
    }
    const fromMs = timing.nowMs();
    const number = stays.numberOf(entry, (record) => {
      // Appended before the frame, so it is durable no later; its own failure is the frame's too.
      log.append(record).catch(() => undefined);
    });
    const counter = stays.nextCounter(entry.stay);
    const target = { stay: entry.stay, number, counter, tag: tags.make(name) };
    const record = { kind: KIND.frame, bytes: maskFrame(keys, target, placed) };
    let position: number;
    try {
      position = await log.append(record);
    } catch {
      throw new Refusal('unsettled', 'the frame could not be made durable');
    }
    window.add(name);
    bins.count(entry.stay, number, placed.columns);
    acknowledge.appended(position, name, () => {
      answers.settled(entry, name.boot, name.sequence);
      timing.acknowledged(timing.nowMs() - fromMs);
    });
    return true;
  }
}

/** [WIRE-3] Throws Refusal on anything this node did not seal under the key held for it. */
function open(entry: NodeEntry, bytes: Uint8Array): NonNullable<ReturnType<typeof openFrame>> {
  const header = readHeader(bytes);
  if (header === null) throw new Refusal('bad-seal', 'not a frame of version 1');
  if (header.keyEpoch !== entry.keyEpoch) {
    throw new Refusal('wrong-epoch', `key epoch ${header.keyEpoch} is not held for this node`);
  }
  const opened = openFrame(entry.node, entry.upKey, bytes, openAead);
  if (opened === null) throw new Refusal('bad-seal', 'the frame does not open');
  return opened;
}

function decode(payload: Uint8Array): Frame | WireError {
  try {
    return decodePayload(payload);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}
