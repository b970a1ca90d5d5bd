/**
 * A node: seals every frame offered to it, keeps it, publishes it, and erases it when the gateway
 * has settled it and not before [WIRE-2]. It knows no socket: whoever has a connection hands it a
 * `publish` with `connected`, and what arrives on the down topic to `receive`.
 *
 *   sensor ─► offer ─► seal ─► journal ─► publish ─► (gateway) ─► receive ─► erase
 *
 * A nonce never carries two plaintexts [S12]: the journal's boot counter is durable before its
 * first use, a sequence number is taken once, and a frame sent again is sent as it was kept. After
 * a failed write nobody knows what the disk holds, so the node goes on in a new boot.
 *
 * Limit: a full journal refuses new frames, which are counted `dropped`, until answers make room;
 * so does one whose disk does not answer, once 1,024 offers wait for it. While the disk is full, memory
 * stands in for it, up to SPARE_BYTES_MAX. What is dropped is a gap with a name (gaps.ts).
 * Nothing already kept is ever given up for something newer.
 */
import {
  FRAME_BYTES_MAX,
  FRAMES_IN_FLIGHT_MAX,
  JOURNAL_BYTES_MAX,
  LIVE_STALL_MS,
  OFFERS_WAITING_MAX,
  PAYLOAD_BYTES_MAX,
  SPARE_BYTES_MAX,
} from '../limits.ts';
import { openAnswer } from '../wire/answer.ts';
import { sealFrame } from '../wire/envelope.ts';
import type { Frame } from '../wire/frame.ts';
import { encodePayload } from '../wire/payload.ts';
import { upTopic } from '../wire/topics.ts';
import type { NodeCredential } from './credential.ts';
import { isDiskFull } from './disk-full.ts';
import { type DropReason, type Gap, Gaps } from './gaps.ts';
import type { Journal } from './memory-journal.ts';
import type { NodeCounts, NodeOptions, Publish } from './node-options.ts';
import { Outbox, type Unsettled } from './outbox.ts';
import { systemTime, type Time } from './time.ts';

/** What sealing adds to a payload. */
const ENVELOPE_BYTES = FRAME_BYTES_MAX - PAYLOAD_BYTES_MAX;
const SEQUENCE_MAX = 0xffffffff;

export class Node {
  readonly #credential: NodeCredential;
  readonly #journal: Journal;
  readonly #clock: () => number;
  readonly #setTimer: Time['setTimer'];
  readonly #journalBytesMax: number;
  readonly #spareBytesMax: number;
  readonly #gaps = new Gaps();
  readonly #onFault: (error: unknown) => void;
  readonly #sequenceMax: number;
  readonly #outbox: Outbox;
  readonly #counts: NodeCounts = {
    ...{ offered: 0, resumed: 0, settled: 0, refused: 0 },
    ...{ dropped: 0, resent: 0, live: 0, ignoredAnswers: 0 },
  };
  #publish: Publish | null = null;
  /** When it last connected or something was settled. */
  #movedMs = 0;
  /** 0: no boot is open. */
  #boot = 0;
  #sequence = 0;
  #resumed = false;
  #closed = false;
  #pumping = false;
  /** Offers not yet kept or dropped. */
  #beingKept = 0;
  /** What opens boots and keeps frames does so one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #timer: { readonly dueMs: number; readonly cancel: () => void } | null = null;
  #drained: { resolve: () => void; reject: (error: Error) => void }[] = [];

  /** Opens nothing yet: the journal's next boot begins with the first offer or connection. */
  constructor(options: NodeOptions) {
    const { inFlightMax = FRAMES_IN_FLIGHT_MAX, sequenceMax = SEQUENCE_MAX } = options;
    checkUpTo('inFlightMax', inFlightMax, FRAMES_IN_FLIGHT_MAX);
    checkUpTo('sequenceMax', sequenceMax, SEQUENCE_MAX);
    this.#credential = options.credential;
    this.#journal = options.journal;
    this.#sequenceMax = sequenceMax;
    this.#clock = options.clock ?? systemTime.clock;
    this.#setTimer = options.setTimer ?? systemTime.setTimer;
    this.#journalBytesMax = options.journalBytesMax ?? JOURNAL_BYTES_MAX;
    this.#spareBytesMax = options.spareBytesMax ?? SPARE_BYTES_MAX;
    this.#onFault = options.onFault ?? (() => undefined);
    this.#outbox = new Outbox(inFlightMax);
  }

  get credential(): NodeCredential {
    return this.#credential;
  }

  get counts(): Readonly<NodeCounts> {
    return { ...this.#counts };
  }

  /** What had to be dropped, the newest 64 gaps. */
  get gaps(): readonly Gap[] {
    return this.#gaps.all;
  }

  /** Bytes of frames that only memory has, because the disk is full. */
  get spareBytes(): number {
    return this.#outbox.spareBytes;
  }

  get isConnected(): boolean {
    return this.#publish !== null;
  }

  /** Frames not settled: what a status block calls buffered. */
  get bufferedFrames(): number {
    return this.#outbox.count + this.#beingKept;
  }

  /**
   * Takes a frame. Resolves `true` when it is kept and was sent for the first time, so a replay that
   * awaits every offer runs as fast as the gateway settles; a live sensor does not await, and loses
   * nothing until the journal is full. Resolves `false` when it was dropped.
   * Throws RangeError, at once, on a frame that WIRE.md has no bytes for.
   */
  offer(frame: Frame): Promise<boolean> {
    if (this.#closed) throw new TypeError('offer: this node is closed');
    const payload = encodePayload(frame);
    this.#counts.offered += 1;
    const { deviceTimeUs } = frame;
    if (this.#beingKept >= OFFERS_WAITING_MAX) {
      this.#drop('disk-slow', deviceTimeUs);
      return Promise.resolve(false);
    }
    this.#beingKept += 1;
    return new Promise((resolve) => {
      this.#inTurn(async () => {
        const why = await this.#keep(payload, () => resolve(true));
        this.#beingKept -= 1;
        if (why === null) this.#gaps.kept();
        else {
          this.#drop(why, deviceTimeUs);
          resolve(false);
        }
        this.#checkDrained();
        this.#pump();
      });
    });
  }

  /** Offers all that a sensor yields, without waiting for the gateway; ends when the sensor ends. */
  async run(sensor: AsyncIterable<Frame>): Promise<void> {
    for await (const frame of sensor) {
      if (this.#closed) return;
      void this.offer(frame);
    }
  }

  /** A connection stands and the down topic is subscribed. */
  connected(publish: Publish): void {
    if (this.#closed) return;
    this.#publish = publish;
    this.#movedMs = this.#clock();
    this.#outbox.reconnected();
    this.#inTurn(async () => {
      await this.#open().catch(this.#onFault);
      this.#pump();
    });
  }

  disconnected(): void {
    this.#publish = null;
    this.#cancelTimer();
  }

  /** What arrived on the down topic. */
  receive(bytes: Uint8Array): void {
    const answer = openAnswer(this.#credential.node, this.#credential.downKey, bytes);
    const settlement = answer === null ? null : this.#outbox.settle(answer);
    if (answer === null || settlement === null) {
      this.#counts.ignoredAnswers += 1; // [WIRE-14]
      return;
    }
    if (settlement.ranges.length > 0) this.#movedMs = this.#clock();
    this.#counts.settled += settlement.settled;
    this.#counts.refused += settlement.refused;
    if (settlement.ranges.length > 0) {
      this.#journal.erase(answer.boot, settlement.ranges).catch(this.#onFault);
    }
    this.#checkDrained();
    this.#pump();
  }

  /** Resolves when everything offered or resumed is settled, refused or dropped. */
  drained(): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      this.#drained.push({ resolve, reject });
    });
    this.#inTurn(async () => {
      await this.#open().catch(this.#onFault);
      this.#checkDrained();
    });
    return promise;
  }

  /** Stops sending; what is kept stays in the journal for the next lifetime. */
  async close(): Promise<void> {
    this.#closed = true;
    this.disconnected();
    await this.#turn;
    for (const sent of this.#outbox.takeCallbacks()) sent();
    for (const { reject } of this.#drained) reject(new Error('node: closed before it was drained'));
    this.#drained = [];
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work);
  }

  #drop(why: DropReason, deviceTimeUs: number): void {
    this.#counts.dropped += 1;
    this.#gaps.drop(why, deviceTimeUs);
  }

  /** Seals and keeps one payload; else why it had to be dropped. */
  async #keep(payload: Uint8Array, onSent: () => void): Promise<DropReason | null> {
    try {
      await this.#open();
      const frameBytes = payload.length + ENVELOPE_BYTES;
      if (this.#journal.bytesKept + frameBytes > this.#journalBytesMax) return 'journal-full';
      const { node, keyEpoch, upKey } = this.#credential;
      this.#sequence += 1;
      const at = { boot: this.#boot, sequence: this.#sequence };
      const bytes = sealFrame({ node, keyEpoch, upKey, ...at }, payload);
      const isSpare = !(await this.#append(at, bytes));
      if (this.#sequence === this.#sequenceMax) this.#boot = 0; // [WIRE-4]
      if (isSpare && this.spareBytes + bytes.length > this.#spareBytesMax) return 'disk-full';
      const { hasRoom } = this.#outbox;
      this.#outbox.add(at.boot, at.sequence, isSpare || hasRoom ? bytes : null, onSent, isSpare);
      if (!hasRoom) this.#sendLive(bytes);
      return null;
    } catch (error) {
      this.#boot = 0;
      this.#onFault(error);
      return isDiskFull(error) ? 'disk-full' : 'disk-failed';
    }
  }

  /** False where the disk is full: the boot goes on, for its bytes carry their own nonce all the same. */
  async #append(at: { boot: number; sequence: number }, bytes: Uint8Array): Promise<boolean> {
    try {
      await this.#journal.append(at.boot, at.sequence, bytes);
      return true;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#onFault(error);
      return false;
    }
  }

  /**
   * The window is full. Where nothing was settled for a while the gateway cannot keep what it hears, and
   * the ward still wants to see it: the new frame goes out once beside the window, QoS 0. It stays where
   * it is and has its turn later [WIRE-16].
   */
  #sendLive(bytes: Uint8Array): void {
    if (this.#publish === null || this.#clock() - this.#movedMs < LIVE_STALL_MS) return;
    this.#counts.live += 1;
    void handOver(this.#publish, upTopic(this.#credential.node), bytes, 0);
  }

  /** Takes up what an earlier lifetime kept, once, and opens a boot where none is open. */
  async #open(): Promise<void> {
    if (!this.#resumed) {
      for (const { boot, sequences } of await this.#journal.pending()) {
        for (const sequence of sequences) this.#outbox.add(boot, sequence, null, null);
        this.#counts.resumed += sequences.length;
      }
      this.#resumed = true;
    }
    if (this.#boot !== 0) return;
    this.#boot = await this.#journal.openBoot();
    this.#sequence = 0;
    this.#outbox.openBoot(this.#boot);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#send();
  }

  async #send(): Promise<void> {
    for (;;) {
      const publish = this.#publish;
      const entry = publish === null ? null : this.#outbox.next();
      if (publish === null || entry === null) break;
      const bytes = entry.bytes ?? (await this.#read(entry));
      // While the bytes were read an answer may have settled the frame, or the connection changed.
      if (this.#publish !== publish || !this.#outbox.has(entry)) continue;
      this.#outbox.sent(entry, this.#clock());
      if (bytes === null) continue;
      entry.bytes = bytes;
      if (entry.sends > 0) this.#counts.resent += 1;
      entry.sends += 1;
      void handOver(publish, upTopic(this.#credential.node), bytes);
      entry.onSent?.();
      entry.onSent = null;
    }
    this.#pumping = false;
    this.#arm();
  }

  /** `null`: not to be had now. A frame the journal no longer knows is given up. */
  async #read(entry: Unsettled): Promise<Uint8Array | null> {
    try {
      const bytes = await this.#journal.read(entry.boot, entry.sequence);
      if (bytes !== null || !this.#outbox.has(entry)) return bytes;
      this.#outbox.forget(entry);
      this.#counts.dropped += 1;
      entry.onSent?.();
      this.#checkDrained();
    } catch (error) {
      this.#onFault(error);
    }
    return null;
  }

  /** One timer, for the earliest flying frame; it may ring early and is then set again. */
  #arm(): void {
    const dueMs = this.#publish === null ? null : this.#outbox.nextDueMs();
    if (dueMs === null || (this.#timer !== null && this.#timer.dueMs <= dueMs)) return;
    this.#cancelTimer();
    const ring = () => {
      this.#timer = null;
      this.#outbox.collectDue(this.#clock());
      this.#pump();
    };
    this.#timer = { dueMs, cancel: this.#setTimer(ring, Math.max(0, dueMs - this.#clock())) };
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #checkDrained(): void {
    if (!this.#resumed || this.bufferedFrames > 0) return;
    for (const { resolve } of this.#drained) resolve();
    this.#drained = [];
  }
}

/** A publish that fails is not news: the frame is sent again on its timer or the next connection. */
async function handOver(
  publish: Publish,
  topic: string,
  bytes: Uint8Array,
  qos: 0 | 1 = 1,
): Promise<void> {
  try {
    await publish(topic, bytes, qos);
  } catch {
    return;
  }
}

function checkUpTo(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new RangeError(`${name}: expected an integer from 1 to ${max}`);
}
