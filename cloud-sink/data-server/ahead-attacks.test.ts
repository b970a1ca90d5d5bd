/** What may happen to the files of `ahead.ts` in the worst moment: a full disk, a damaged chunk, two logs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifier } from '@vitalshare/edge/identity/node';
import { BatchReader } from '../messages/batch-reader.ts';
import { aheadFile, aheadFiles, type AheadHandle } from './ahead-node.ts';
import { Ahead } from './ahead.ts';
import { Applier } from './apply.ts';
import { makeWard, T, type Ward } from './rotten.fixture.ts';
import { StoreError } from './store.ts';
import { column } from './world.fixture.ts';

/** In memory, through the same code as on disk; `roomBytes` is what its disk still takes. */
function memoryFile() {
  const state = { bytes: Buffer.alloc(0), roomBytes: Infinity, cutFails: false };
  const handle: AheadHandle = {
    appendFile: (bytes: Uint8Array) => {
      const taken = bytes.subarray(0, Math.min(bytes.length, state.roomBytes));
      state.bytes = Buffer.concat([state.bytes, taken]);
      state.roomBytes -= taken.length;
      return taken.length < bytes.length
        ? Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
        : Promise.resolve();
    },
    datasync: () => Promise.resolve(),
    truncate: (length) => {
      if (state.cutFails) return Promise.reject(new Error('EIO'));
      state.bytes = state.bytes.subarray(0, length);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const read = () => Promise.resolve(new Uint8Array(state.bytes));
  return { state, file: aheadFile(handle, read, 0) };
}

/** Server 1, whose first chunk of SpO2 gets a row more in a batch that is kept ahead and not committed. */
async function killed() {
  const ward = await makeWard();
  const { log, world, store } = ward;
  const verify = verifier(world.gateway.sign);
  const files = [memoryFile(), memoryFile()] as const;
  const open = async () => {
    const applier = new Applier(world.dataServers[0]!, store);
    const ahead = new Ahead([files[0].file, files[1].file]);
    await ahead.recover(applier, verify);
    applier.onCommit({ begun: () => ahead.turn() });
    return { applier, ahead };
  };
  const first = await open();
  const committed = log.position;
  log.frame(1, { spo2: column(T + 200, [955]) }).commit();
  const reader = new BatchReader({ head: first.applier.headOf(log.name), verify });
  const batches = [...reader.push(log.bytesFrom(reader.head.position)!)];
  for (const batch of batches) first.applier.apply(log.name, batch);
  await first.ahead.keep(log.name, batches);
  return { ...ward, files, open, committed, batches };
}

const chunkOfSpo2 = ({ store }: Ward) => store.all('shares').find((key) => key[6] === 3)!;
const keptBytes = (files: Awaited<ReturnType<typeof killed>>['files']) =>
  files[0].state.bytes.length + files[1].state.bytes.length;

describe('batches kept ahead, and a start that cannot apply them [PROTO-44]', () => {
  it('a damaged chunk in their way is quarantined, the server starts, and they are kept', async () => {
    const world = await killed();
    const { store, log, files, open, committed, batches } = world;
    const whole = store.dump();
    store.flip('shares', chunkOfSpo2(world), 99);
    const { applier } = await open();
    expect(applier.headOf(log.name).position).toBe(committed);
    expect(applier.damages.list).toMatchObject([{ table: 'shares' }]);
    // The quarantine is committed; what waits for the mending stays where it is.
    await applier.flush();
    expect(keptBytes(files)).toBeGreaterThan(0);
    const again = await open();
    expect(again.applier.headOf(log.name).position).toBe(committed);
    expect(keptBytes(files)).toBeGreaterThan(0);
    // Mended, as `mender.ts` would, and followed on.
    const [damage] = again.applier.damages.list;
    const hex = Buffer.from(damage!.key).toString('hex');
    const value = (table: string) => Buffer.from(whole[`${table} ${hex}`]!, 'hex').subarray(0, -4);
    again.applier.mend(damage!, value('shares'), new Uint8Array(value('arrivals')));
    await again.applier.flush();
    expect(keptBytes(files)).toBeGreaterThan(0);
    for (const batch of batches) again.applier.apply(log.name, batch);
    await again.applier.flush();
    await again.ahead.keep(log.name, batches);
    await again.applier.flush();
    expect(keptBytes(files)).toBe(0);
  });

  it('a full disk: the server starts, and they are kept until it takes them', async () => {
    const { store, log, files, open, batches } = await killed();
    const commit = store.commit.bind(store);
    store.commit = () => Promise.reject(new StoreError('MDB_MAP_FULL'));
    const { applier } = await open();
    expect(applier.headOf(log.name).position).toBe(batches[0]!.position + batches[0]!.count);
    expect(keptBytes(files)).toBeGreaterThan(0);
    store.commit = commit;
    await applier.flush();
    expect(keptBytes(files)).toBe(0);
  });
});

describe('batches kept ahead that rotted, or were torn', () => {
  it('are left out and counted; whole ones are not [PROTO-44]', async () => {
    const { log, world, store, files, committed } = await killed();
    const verify = verifier(world.gateway.sign);
    const recovered = async () => {
      const applier = new Applier(world.dataServers[0]!, store);
      const unread = await new Ahead([files[0].file, files[1].file]).recover(applier, verify);
      return [unread, applier.headOf(log.name).position > committed];
    };
    const { state } = files[0].state.bytes.length > 0 ? files[0] : files[1];
    const whole = state.bytes;
    for (const at of [0, 20, whole.length >> 1, whole.length - 1]) {
      state.bytes = Buffer.from(whole);
      state.bytes[at]! ^= 16;
      expect(await recovered(), `bit at ${at}`).toEqual([whole.length, false]);
    }
    state.bytes = whole.subarray(0, whole.length - 1);
    expect(await recovered()).toEqual([whole.length - 1, false]);
    state.bytes = Buffer.from(whole);
    expect(await recovered()).toEqual([0, true]);
  });
});

describe('a file of batches kept ahead, on its disk', () => {
  it('a full disk is a StoreError, waited out by the follower, and leaves nothing torn', async () => {
    const { state, file } = memoryFile();
    await file.append(new Uint8Array(100).fill(1));
    state.roomBytes = 30;
    await expect(file.append(new Uint8Array(50).fill(2))).rejects.toBeInstanceOf(StoreError);
    state.roomBytes = Infinity;
    await file.append(new Uint8Array(10).fill(3));
    expect([...(await file.read())]).toEqual([
      ...Array<number>(100).fill(1),
      ...Array<number>(10).fill(3),
    ]);
  });

  it('takes nothing behind a torn entry that cannot be cut off', async () => {
    const { state, file } = memoryFile();
    Object.assign(state, { roomBytes: 30, cutFails: true });
    await expect(file.append(new Uint8Array(50).fill(2))).rejects.toBeInstanceOf(StoreError);
    state.roomBytes = Infinity;
    await expect(file.append(new Uint8Array(50).fill(3))).rejects.toBeInstanceOf(StoreError);
    state.cutFails = false;
    await file.append(new Uint8Array(5).fill(4));
    expect([...(await file.read())]).toEqual([4, 4, 4, 4, 4]);
  });

  it('two logs at once do not stand in each other, and a clear waits its turn', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ahead-'));
    try {
      const [file, other] = await aheadFiles(folder);
      const bytes = 3 * 2 ** 20;
      const ones = file.append(new Uint8Array(bytes).fill(1));
      await Promise.all([ones, file.append(new Uint8Array(bytes).fill(2))]);
      const kept = await file.read();
      const changes = kept.reduce((sum, byte, i) => sum + Number(i > 0 && byte !== kept[i - 1]), 0);
      expect([kept.length, changes]).toEqual([2 * bytes, 1]);
      const last = file.append(new Uint8Array(bytes).fill(3));
      await Promise.all([last, file.clear()]);
      expect((await file.read()).length).toBe(0);
      await Promise.all([file.close(), other.close()]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
