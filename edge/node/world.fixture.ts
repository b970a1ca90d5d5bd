/**
 * A world for the node's tests without ports or sleeps: time that moves when it is told to, and a
 * gateway that keeps the rules of WIRE.md over an array instead of a broker.
 */
import { openFrame, sealAnswer, type Answer, type Range } from '../wire/wire.ts';
import type { NodeCredential, Time } from './loop.ts';

export const credential: NodeCredential = {
  node: 'bed-7',
  mqttUrl: 'mqtt://127.0.0.1:1883',
  password: 'correct horse',
  keyEpoch: 3,
  upKey: Uint8Array.from({ length: 32 }, (_, i) => i),
  downKey: Uint8Array.from({ length: 32 }, (_, i) => 200 - i),
};

export const emptyFrame = (deviceTimeUs: number) => ({
  ...{ deviceTimeUs, columns: [], segments: [], events: [] },
});

/** Lets every promise that is ready run: the platform's next turn comes after all of them. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class FakeTime implements Time {
  nowMs = 1_000_000;
  #timers: { atMs: number; run: () => void }[] = [];

  readonly clock = (): number => this.nowMs;

  readonly setTimer = (run: () => void, delayMs: number): (() => void) => {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  get pending(): number {
    return this.#timers.length;
  }

  async pass(durationMs: number): Promise<void> {
    const untilMs = this.nowMs + durationMs;
    await settle();
    for (;;) {
      const next = this.#timers
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      await settle();
    }
    this.nowMs = untilMs;
  }
}

/** Keeps what it is given; remembers for every (boot, sequence) the exact bytes it first saw. */
export class FakeGateway {
  readonly seen = new Map<string, Uint8Array>();
  readonly payloads: Uint8Array[] = [];
  readonly #durable = new Map<number, Set<number>>();
  #answers = 0;

  /** Throws where a nonce carries two different frames: what [WIRE-4] forbids. */
  take(bytes: Uint8Array): { boot: number; sequence: number } {
    const opened = openFrame(credential.node, credential.upKey, bytes);
    if (opened === null) throw new Error('the gateway could not open a frame');
    const { boot, sequence } = opened;
    const before = this.seen.get(`${boot}/${sequence}`);
    if (before !== undefined && Buffer.compare(before, bytes) !== 0) {
      throw new Error(`nonce ${boot}/${sequence} carried two frames`);
    }
    this.seen.set(`${boot}/${sequence}`, bytes);
    const durable = this.#durable.get(boot) ?? new Set();
    if (!durable.has(sequence)) this.payloads.push(opened.payload);
    this.#durable.set(boot, durable.add(sequence));
    return { boot, sequence };
  }

  /** The cumulative answer for a boot [WIRE-12]. */
  answer(boot: number): Uint8Array {
    const durable = [...(this.#durable.get(boot) ?? [])].sort((a, b) => a - b);
    const missing: Range[] = [];
    let before = 0;
    for (const sequence of durable) {
      if (sequence > before + 1) missing.push({ first: before + 1, last: sequence - 1 });
      before = sequence;
    }
    return this.seal({ boot, sequence: before, missing: missing.slice(0, 32), refused: [] });
  }

  seal(answer: Omit<Answer, 'gatewayTimeMs'>, downKey = credential.downKey): Uint8Array {
    this.#answers += 1;
    const nonce = new Uint8Array(24);
    new DataView(nonce.buffer).setUint32(0, this.#answers);
    return sealAnswer(credential.node, downKey, nonce, { gatewayTimeMs: 1_000_000, ...answer });
  }
}
