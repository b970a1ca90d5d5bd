/**
 * The node's buffer when something is full, slow or away: failures 12 and 13 of the field, a full disk, and
 * a gateway that cannot keep what it hears.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { decodePayload } from '../wire/wire.ts';
import { openDiskJournal } from './journal.ts';
import { type Journal, memoryJournal, Node, type NodeOptions } from './loop.ts';
import { credential, emptyFrame, FakeGateway, FakeTime, settle } from './world.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'vitalshare-buffer-'));
const undo: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })];
afterAll(async () => {
  for (const each of undo.reverse()) await each();
});

/** A gateway that takes and answers everything while `isThere`. */
class World {
  readonly time = new FakeTime();
  readonly gateway = new FakeGateway();
  readonly sent: (0 | 1)[] = [];
  isAnswering = true;
  node: Node;
  journal: Journal;
  readonly #options: Partial<NodeOptions>;

  constructor(journal: Journal, options: Partial<NodeOptions> = {}) {
    this.#options = options;
    this.journal = journal;
    this.node = this.born(journal);
  }

  born(journal: Journal): Node {
    const { clock, setTimer } = this.time;
    this.journal = journal;
    return (this.node = new Node({ credential, journal, clock, setTimer, ...this.#options }));
  }

  connect(): void {
    const { node } = this;
    node.connected((_topic, bytes, qos = 1) => {
      this.sent.push(qos);
      const { boot } = this.gateway.take(bytes);
      if (this.isAnswering) queueMicrotask(() => node.receive(this.gateway.answer(boot)));
      return Promise.resolve();
    });
  }

  /** Resolves when each is kept, sent or dropped: nothing has moved for fifteen turns of 2 ms. */
  async offer(from: number, to: number): Promise<void> {
    for (let i = from; i <= to; i++) void this.node.offer(emptyFrame(i));
    const state = (): string =>
      `${this.journal.bytesKept} ${JSON.stringify(this.node.counts)} ${this.node.spareBytes}`;
    const first = state();
    // A boot is opened with a sync, which may take long on a busy disk.
    await vi.waitFor(() => expect(state()).not.toBe(first), 5_000);
    let [before, still] = ['', 0];
    while (still < 15) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      still = state() === before ? still + 1 : 0;
      before = state();
    }
  }

  arrived(): number[] {
    return this.gateway.payloads
      .map((bytes) => decodePayload(bytes).deviceTimeUs)
      .toSorted((a, b) => a - b);
  }
}

const upTo = (last: number, from = 1) =>
  Array.from({ length: last - from + 1 }, (_, i) => from + i);

/** A frame without blocks: 10 bytes in an envelope of 28. */
const FRAME_BYTES = 38;

describe('failure 12: the buffer recreated on reconnect', () => {
  it('what was kept is sent whole over 40 reconnections and a restart, each frame once', async () => {
    const folder = join(root, 'reconnect');
    const world = new World(await openDiskJournal(folder, { clock: () => 0 }));
    world.isAnswering = false;
    for (let i = 0; i < 40; i++) {
      await world.offer(5 * i + 1, 5 * i + 5);
      world.connect();
      await settle();
      world.node.disconnected();
    }
    expect(world.node.bufferedFrames).toBe(200);
    await world.node.close();
    const journal = await openDiskJournal(folder, { clock: () => 0 });
    undo.push(() => journal.close());
    world.born(journal);
    world.isAnswering = true;
    world.connect();
    await world.node.drained();
    expect(world.arrived()).toEqual(upTo(200));
    expect(world.node.counts).toMatchObject({ resumed: 200, settled: 200, dropped: 0 });
  });

  it('a node that made its buffer anew at each connection loses what was not settled', async () => {
    const world = new World(memoryJournal());
    world.isAnswering = false;
    await world.offer(1, 10);
    // What the failing products do: a new client, and with it a new buffer.
    world.born(memoryJournal(1));
    world.isAnswering = true;
    world.connect();
    await world.offer(11, 20);
    await world.node.drained();
    expect(world.arrived()).toEqual(upTo(20, 11));
  });
});

describe('failure 13: a full buffer that never drains', () => {
  const BYTES = 100 * FRAME_BYTES;

  it('drains as soon as the gateway is back, says what it could not keep, and takes new frames', async () => {
    const journal = await openDiskJournal(join(root, 'full'), { clock: () => 0 });
    undo.push(() => journal.close());
    const world = new World(journal, { journalBytesMax: BYTES });
    await world.offer(1, 130);
    const { bufferedFrames, counts } = world.node;
    expect(bufferedFrames + counts.dropped).toBe(130);
    const kept = bufferedFrames;
    expect(world.node.gaps).toEqual([
      { why: 'journal-full', fromUs: kept + 1, toUs: 130, frames: 130 - kept },
    ]);
    world.connect();
    await world.node.drained();
    await vi.waitFor(() => expect(journal.bytesKept).toBe(0));
    expect(world.arrived()).toEqual(upTo(kept));
    // Full and drained again and again: no byte stays behind.
    for (let round = 1; round <= 5; round++) {
      world.node.disconnected();
      await world.offer(1_000 * round, 1_000 * round + 150);
      world.connect();
      await world.node.drained();
    }
    await vi.waitFor(() => expect(journal.bytesKept).toBe(0));
    expect([world.node.bufferedFrames, world.node.gaps.length]).toEqual([0, 6]);
  });

  it('a file of a megabyte gives its room back when all of it is settled', async () => {
    const folder = join(root, 'room');
    const journal = await openDiskJournal(folder, { clock: () => 0 });
    undo.push(() => journal.close());
    await journal.openBoot();
    for (let sequence = 1; sequence <= 20; sequence++) {
      await journal.append(1, sequence, new Uint8Array(60_000));
    }
    await journal.erase(1, [{ first: 1, last: 20 }]);
    expect(statSync(join(folder, 'frames-1.log')).size).toBe(0);
    await journal.append(1, 21, Uint8Array.of(7));
    expect(await journal.read(1, 21)).toEqual(Uint8Array.of(7));
  });
});

const fullDisk = (): Error => Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });

/** Appends half of what they are given and find the disk full, while `isFull`. */
async function fillable(folder: string): Promise<{ isFull: boolean; restore: () => void }> {
  mkdirSync(folder, { recursive: true });
  const handle = await open(join(folder, 'any'), 'w');
  const handles = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  rmSync(join(folder, 'any'));
  const state = { isFull: false, restore: () => undefined as unknown };
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const append = handles.appendFile;
  const spy = vi.spyOn(handles, 'appendFile').mockImplementation(async function (
    this: FileHandle,
    bytes,
  ) {
    if (!state.isFull) return append.call(this, bytes);
    const half = Buffer.from(bytes as Uint8Array).subarray(0, (bytes as Uint8Array).length >> 1);
    await append.call(this, half);
    throw fullDisk();
  });
  state.restore = () => spy.mockRestore();
  return state;
}

describe('a node whose own disk is full', () => {
  it('goes on in the same boot, in memory up to a limit; drops by name; recovers by itself', async () => {
    const folder = join(root, 'disk-full');
    const disk = await fillable(folder);
    const faults: unknown[] = [];
    const journal = await openDiskJournal(folder, { clock: () => 0 });
    undo.push(() => journal.close());
    const world = new World(journal, {
      spareBytesMax: 10 * FRAME_BYTES,
      onFault: (error) => faults.push(error),
    });
    await world.offer(1, 5);
    disk.isFull = true;
    await world.offer(6, 30);
    const { counts, spareBytes, gaps } = world.node;
    expect([counts.dropped, world.node.bufferedFrames]).toEqual([
      30 - 5 - spareBytes / FRAME_BYTES,
      5 + spareBytes / FRAME_BYTES,
    ]);
    expect([spareBytes > 0, spareBytes <= 10 * FRAME_BYTES]).toEqual([true, true]);
    expect(gaps).toMatchObject([{ why: 'disk-full', toUs: 30, frames: counts.dropped }]);
    // With a gateway it goes on sending, disk or no disk.
    world.connect();
    await world.node.drained();
    await world.offer(31, 60);
    await world.node.drained();
    expect(world.node.counts.dropped).toBe(counts.dropped);
    expect(world.node.spareBytes).toBe(0);
    disk.isFull = false;
    disk.restore();
    world.node.disconnected();
    await world.offer(61, 70);
    expect([world.node.spareBytes, journal.bytesKept > 0]).toEqual([0, true]);
    await world.node.close();
    // The next lifetime finds what was written behind the half records.
    const again = await openDiskJournal(folder, { clock: () => 0 });
    undo.push(() => again.close());
    world.born(again);
    world.connect();
    await world.node.drained();
    expect(world.arrived()).toEqual([...upTo(5 + spareBytes / FRAME_BYTES), ...upTo(70, 31)]);
    expect(new Set([...world.gateway.seen.keys()].map((key) => key.split('/')[0]))).toEqual(
      new Set(['1']),
    );
    expect(faults.length).toBeGreaterThan(0);
  });

  it('would lose what it writes later behind a half record, were that not cut off', async () => {
    const folder = join(root, 'half');
    const disk = await fillable(folder);
    const handle = await open(join(root, 'any'), 'w');
    const handles = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const journal = await openDiskJournal(folder, { clock: () => 0 });
    await journal.openBoot();
    disk.isFull = true;
    const cut = vi.spyOn(handles, 'truncate').mockResolvedValue(undefined);
    await expect(journal.append(1, 1, Uint8Array.of(1))).rejects.toThrow('ENOSPC');
    disk.restore();
    await journal.append(1, 2, Uint8Array.of(2));
    cut.mockRestore();
    await journal.close();
    const again = await openDiskJournal(folder, { clock: () => 0 });
    undo.push(() => again.close());
    expect([await again.pending(), again.cutBytes > 0]).toEqual([[], true]);
  });

  const tmpfs = mountTmpfs();
  it.skipIf(tmpfs === null)(
    'does so on a disk of 64 kB that is really full (skips where tmpfs cannot be mounted)',
    async () => {
      const folder = join(tmpfs!, 'journal');
      const journal = await openDiskJournal(folder, { clock: () => 0, durable: 'power' });
      undo.push(() => journal.close());

      const world = new World(journal);
      await world.offer(1, 10);
      const ballast = join(tmpfs!, 'ballast');
      for (let i = 0; i < 20; i++) {
        try {
          writeFileSync(`${ballast}-${i}`, new Uint8Array(4_096));
        } catch {
          break;
        }
      }
      await world.offer(11, 400);
      expect([world.node.spareBytes > 0, world.node.gaps]).toEqual([true, []]);
      world.connect();
      await world.node.drained();
      for (const name of readdirSync(tmpfs!))
        if (name.startsWith('ballast')) rmSync(join(tmpfs!, name));
      world.node.disconnected();
      await world.offer(401, 410);
      expect(world.node.spareBytes).toBe(0);
      world.connect();
      await world.node.drained();
      expect(world.arrived()).toEqual(upTo(410));
    },
  );
});

function mountTmpfs(): string | null {
  const folder = join(root, 'tmpfs');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  undo.push(() => execFileSync('umount', ['-l', folder]));
  return folder;
}

describe('a gateway that hears and cannot keep', () => {
  it('is sent new frames once as they come, QoS 0, after 2 s, and all of them when it can [WIRE-16]', async () => {
    const world = new World(memoryJournal());
    world.isAnswering = false;
    world.connect();
    await world.offer(1, 64);
    await world.offer(65, 70);
    // The window is full, and has not stood still for long.
    expect(world.arrived()).toEqual(upTo(64));
    await world.time.pass(2_000);
    await world.offer(71, 80);
    expect(world.arrived()).toEqual([...upTo(64), ...upTo(80, 71)]);
    expect(world.sent.slice(64)).toEqual(Array(10).fill(0));
    expect(world.node.counts).toMatchObject({ live: 10, resent: 0, settled: 0 });
    world.isAnswering = true;
    world.node.receive(world.gateway.answer(1));
    await world.node.drained();
    expect(world.arrived()).toEqual(upTo(80));
    expect(world.node.counts).toMatchObject({ settled: 80, dropped: 0 });
  });

  it('a window that moves is not disturbed: what was kept goes first', async () => {
    const world = new World(memoryJournal());
    await world.offer(1, 500);
    await world.time.pass(10_000);
    world.connect();
    await world.node.drained();
    await world.offer(501, 520);
    expect(world.node.counts.live).toBe(0);
  });
});
