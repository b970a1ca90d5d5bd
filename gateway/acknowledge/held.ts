/**
 * Frames are acknowledged once t + 1 data servers hold them [WIRE-17] [PROTO-44]: then t servers and
 * this gateway's disk may be lost, and the readings are still there.
 *
 *   follower ─ GET /log, "vitalshare-held: …" ─► hear ─► the (t + 1)-th highest position ─► answers
 *
 * A held head counts where that data server signed it and where position and hash are of a head
 * that this process signed: one of another past, played again, is of none.
 */
import {
  type HeldHead,
  isHeldHead,
  parseHeldLine,
  type SignedHead,
} from '@vitalshare/cloud-sink/messages';
import { type PublicIdentity, verifier } from '@vitalshare/edge/identity/node';
import { HELD_WAITING_MAX } from '../limits.ts';
import type { ReplayWindow } from '../window/replay-window.ts';
import type { FrameName } from '../window/tag.ts';
import type { Acknowledge } from './acknowledge.ts';

export interface HeldOptions {
  readonly configDigest: string;
  readonly threshold: number;
  /** The j-th is server j's. */
  readonly dataServers: readonly PublicIdentity[];
  /** Frames that t + 1 servers told of at start; what they come to hold is added. */
  readonly window: ReplayWindow;
  /** The log of this run. */
  readonly log: string;
  /** What stood in each log when this run began, and how far it went. */
  readonly before: readonly BeforeRun[];
  /** Whether this process signed that head. */
  readonly signedHere: (head: Pick<SignedHead, 'log' | 'position' | 'hash'>) => boolean;
}

export interface BeforeRun {
  readonly log: string;
  readonly position: number;
  readonly names: ReplayWindow;
}

interface Waiting {
  readonly position: number;
  readonly name: FrameName;
  readonly answer: () => void;
}

export class AcknowledgeHeld implements Acknowledge {
  readonly mode = 'held';
  readonly window: ReplayWindow;
  readonly #options: HeldOptions;
  /** Log → position by server. */
  readonly #held = new Map<string, number[]>();
  #before: readonly BeforeRun[];
  /** By rising position. */
  #queue: Waiting[] = [];

  constructor(options: HeldOptions) {
    this.#options = options;
    this.window = options.window;
    this.#before = options.before;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get full(): boolean {
    return this.#queue.length >= HELD_WAITING_MAX;
  }

  /** The position of `log` that t + 1 servers hold. */
  positionOf(log: string): number {
    const positions = [...(this.#held.get(log) ?? [])].sort((a, b) => b - a);
    return positions[this.#options.threshold] ?? 0;
  }

  /** Whether somebody waits for servers to hold more of this log. */
  waitsFor(log: string): boolean {
    const isRun = log === this.#options.log && this.#queue.length > 0;
    return isRun || this.#before.some((each) => each.log === log);
  }

  appended(position: number, name: FrameName, answer: () => void): void {
    this.#queue.push({ position, name, answer });
    this.#release();
  }

  again(name: Omit<FrameName, 'refused'>, answer: () => void): void {
    if (this.window.has(name)) answer();
  }

  /** What a follower says it holds: anybody may say anything, so it is believed last. */
  hear(log: string, line: string): void {
    const held = parseHeldLine(log, line);
    const identity = held && this.#options.dataServers[held.server - 1];
    if (!identity) return;
    const known = this.#held.get(log) ?? this.#options.dataServers.map(() => 0);
    if (held.position <= known[held.server - 1]! || !this.#isTrue(held, identity)) return;
    known[held.server - 1] = held.position;
    this.#held.set(log, known);
    this.#release();
  }

  #isTrue(held: HeldHead, { sign }: PublicIdentity): boolean {
    const { configDigest, signedHere } = this.#options;
    return signedHere(held) && isHeldHead(configDigest, held, verifier(sign));
  }

  #release(): void {
    this.#before = this.#before.filter(({ log, position, names }) => {
      if (this.positionOf(log) < position) return true;
      this.window.absorb(names);
      return false;
    });
    const held = this.positionOf(this.#options.log);
    const count = this.#queue.findIndex(({ position }) => position >= held);
    const ready = this.#queue.splice(0, count < 0 ? this.#queue.length : count);
    for (const { name } of ready) this.window.add(name);
    for (const { answer } of ready) answer();
  }
}
