import { describe, expect, it } from 'vitest';
import { makeIdentity, verifier } from '@vitalshare/edge/identity/node';
import { BatchReader } from '../messages/batch-reader.ts';
import { Ahead, type AheadFile } from './ahead.ts';
import { Applier } from './apply.ts';
import { MemoryStore } from './store-memory.fixture.ts';
import { column, makeWorld, random, TestLog } from './world.fixture.ts';

const T = 1_700_000_000;

class MemoryFile implements AheadFile {
  bytes = Buffer.alloc(0);
  read = () => Promise.resolve(new Uint8Array(this.bytes));
  append = (bytes: Uint8Array) => {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    return Promise.resolve();
  };
  clear = () => {
    this.bytes = Buffer.alloc(0);
    return Promise.resolve();
  };
  close = () => Promise.resolve();
}

function server() {
  const log = new TestLog(makeWorld());
  const store = new MemoryStore();
  const files = [new MemoryFile(), new MemoryFile()] as const;
  const verify = verifier(log.world.gateway.sign);
  const open = async () => {
    const applier = new Applier(log.world.dataServers[0]!, store);
    const ahead = new Ahead(files);
    await ahead.recover(applier, verify);
    applier.onCommit({ begun: () => ahead.turn() });
    const take = async () => {
      const reader = new BatchReader({ head: applier.headOf(log.name), verify });
      const batches = [...reader.push(log.bytesFrom(reader.head.position)!)];
      for (const batch of batches) applier.apply(log.name, batch);
      await ahead.keep(log.name, batches);
    };
    return { applier, take };
  };
  const more = (row: number) => log.frame(1, { spo2: column(T + row, [970]) }).commit();
  log.stay(1, 'bed-1').commit();
  return { log, store, files, open, more };
}

describe('batches kept ahead of a commit [PROTO-44]', () => {
  it('are there after a kill, the rows too', async () => {
    const { log, open, more } = server();
    const first = await open();
    more(0);
    await first.take();
    await first.applier.flush();
    more(1);
    await first.take();
    more(2);
    await first.take();
    // Killed here. Without the files it would be at 4.
    const { applier } = await open();
    expect(applier.headOf(log.name).position).toBe(6);
    expect(applier.books.named('bed-1')[0]!.state.vitals).toMatchObject({ 3: { rows: 3 } });
  });

  it('survive a kill while a commit is under way, whichever way it ends', async () => {
    const { log, store, files, open, more } = server();
    const first = await open();
    more(0);
    await first.take();
    let land = (): void => undefined;
    const landing = new Promise<void>((resolve) => (land = resolve));
    const commit = store.commit.bind(store);
    store.commit = async (puts) => {
      await landing;
      await commit(puts);
    };
    const committing = first.applier.flush();
    await new Promise((turn) => setTimeout(turn, 1));
    more(1);
    await first.take(); // Into the other file.
    const kept = files.map(({ bytes }) => bytes);
    store.commit = commit;
    // Not landed: both files say it.
    const notLanded = await open();
    expect(notLanded.applier.headOf(log.name).position).toBe(5);
    files.forEach((file, i) => (file.bytes = kept[i]!));
    land();
    await committing;
    expect((await open()).applier.headOf(log.name).position).toBe(5);
  });

  it('end where they are torn, and nothing forged is applied', async () => {
    const { log, files, open, more } = server();
    const first = await open();
    more(0);
    await first.take();
    const { length } = files[0].bytes;
    more(1);
    await first.take();
    const whole = files[0].bytes;
    for (const cut of [length + 1, length + 17, length + 100, whole.length - 1]) {
      files[0].bytes = whole.subarray(0, cut);
      const applier = new Applier(log.world.dataServers[0]!, new MemoryStore());
      await new Ahead([files[0], new MemoryFile()]).recover(
        applier,
        verifier(log.world.gateway.sign),
      );
      expect(applier.headOf(log.name).position).toBe(4);
    }
    const stranger = makeIdentity('stranger', 'gateway', random);
    const foreign = new TestLog({ ...log.world, gateway: stranger });
    const id = Buffer.from(foreign.name, 'hex');
    const entry = Buffer.concat([id, foreign.batches[0]!.bytes]);
    const none = new Applier(log.world.dataServers[0]!, new MemoryStore());
    const file = new MemoryFile();
    file.bytes = entry;
    await new Ahead([file, new MemoryFile()]).recover(none, verifier(log.world.gateway.sign));
    expect(none.books.logs).toEqual([]);
    const forged = Buffer.from(whole);
    forged[forged.length - 70]! ^= 1;
    files[0].bytes = forged;
    const applier = new Applier(log.world.dataServers[0]!, new MemoryStore());
    await new Ahead(files).recover(applier, verifier(log.world.gateway.sign));
    expect(applier.headOf(log.name).position).toBe(4);
  });
});
