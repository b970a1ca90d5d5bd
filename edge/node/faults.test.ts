/**
 * Any schedule of losses, repetitions, reorderings, disconnections and deaths: no nonce carries two
 * frames, and once the faults stop every frame that was kept arrives, once.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodePayload } from '../wire/wire.ts';
import { memoryJournal, Node } from './loop.ts';
import { credential, emptyFrame, FakeGateway, FakeTime, settle } from './world.fixture.ts';

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('offer' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), at: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose' as const), at: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(99) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), at: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replay' as const), at: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forge' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disconnect' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('connect' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(70_000) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One node after another over one journal, with a network that does as it is told. */
class Faulty {
  readonly gateway = new FakeGateway();
  readonly time = new FakeTime();
  readonly journal = memoryJournal();
  wire: Uint8Array[] = [];
  readonly answers: Uint8Array[] = [];
  readonly boots = new Set<number>();
  node = this.#newNode();
  offered = 0;

  #newNode(): Node {
    const { clock, setTimer } = this.time;
    return new Node({ credential, journal: this.journal, clock, setTimer, inFlightMax: 5 });
  }

  connect(): void {
    const born = this.node;
    this.node.connected((_topic, bytes) => {
      if (born === this.node) this.wire.push(bytes);
      return Promise.resolve();
    });
  }

  take(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.boots.add(this.gateway.take(bytes).boot);
  }

  answer(at: number): void {
    const boot = [...this.boots][at % this.boots.size];
    if (boot === undefined) return;
    const bytes = this.gateway.answer(boot);
    this.answers.push(bytes);
    this.node.receive(bytes);
  }

  async do(now: Step): Promise<void> {
    const pick = 'at' in now && this.wire.length > 0 ? now.at % this.wire.length : 0;
    if (now.kind === 'offer') void this.node.offer(emptyFrame(++this.offered));
    else if (now.kind === 'deliver') this.take(this.wire.splice(pick, 1)[0]);
    else if (now.kind === 'lose') this.wire.splice(pick, 1);
    else if (now.kind === 'repeat') this.take(this.wire[pick]);
    else if (now.kind === 'answer') this.answer(now.at);
    else if (now.kind === 'replay') {
      const old = this.answers[now.at % this.answers.length];
      if (old !== undefined) this.node.receive(old);
    } else if (now.kind === 'forge') {
      const lie = { boot: 1, sequence: 0xffffffff, missing: [], refused: [] };
      this.node.receive(this.gateway.seal(lie, new Uint8Array(32)));
    } else if (now.kind === 'disconnect') {
      this.node.disconnected();
      this.wire = [];
    } else if (now.kind === 'connect') this.connect();
    else if (now.kind === 'die') {
      this.node.disconnected();
      this.node = this.#newNode(); // Without a word to the old one.
      this.connect();
    } else await this.time.pass(now.ms);
    await settle();
  }

  /** The faults stop: everything is delivered and answered until nothing is left. */
  async heal(): Promise<void> {
    this.connect();
    await settle();
    for (let i = 0; i < 500 && this.node.bufferedFrames > 0; i++) {
      for (const bytes of this.wire.splice(0)) this.take(bytes);
      for (let at = 0; at < this.boots.size; at++) this.answer(at);
      await settle();
    }
  }
}

it('a nonce never carries two frames, and nothing kept is lost [WIRE-4] [WIRE-13] [S12]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const world = new Faulty();
      for (const now of steps) await world.do(now);
      await world.heal();
      await world.node.drained();
      const arrived = world.gateway.payloads.map((bytes) => decodePayload(bytes).deviceTimeUs);
      const all = Array.from({ length: world.offered }, (_, i) => i + 1);
      expect(arrived.toSorted((a, b) => a - b)).toEqual(all);
      expect(world.journal.bytesKept).toBe(0);
      const { offered, resumed, settled, refused, dropped } = world.node.counts;
      expect(settled + refused + dropped).toBe(offered + resumed);
    }),
    { numRuns: 200 },
  );
});

it('the check above sees a nonce that carries two frames', async () => {
  const world = new Faulty();
  const first = new Node({ credential, journal: memoryJournal(), ...timeOf(world) });
  const second = new Node({ credential, journal: memoryJournal(), ...timeOf(world) });
  const taken: Uint8Array[] = [];
  for (const [i, node] of [first, second].entries()) {
    node.connected((_topic, bytes) => Promise.resolve(void taken.push(bytes)));
    await node.offer(emptyFrame(i));
  }
  world.take(taken[0]);
  expect(() => world.take(taken[1])).toThrow('carried two frames');
});

const timeOf = ({ time }: Faulty) => ({ clock: time.clock, setTimer: time.setTimer });
